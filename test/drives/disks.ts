import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attachLoop, detachLoop } from '../harness/loop.ts';
import { run } from '../harness/run.ts';

const MIB = 1024 * 1024;

/** Images on loop devices that come and go as drives do; all gone with `close`. */
export class TestDisks {
  readonly folder = mkdtempSync(join(tmpdir(), 'dendro-disks-'));
  readonly #attached = new Set<string>();
  readonly #mounted: string[] = [];

  image(name: string, sizeMiB: number): string {
    const path = join(this.folder, name);
    writeFileSync(path, '');
    truncateSync(path, sizeMiB * MIB);
    return path;
  }

  /** An image with a filesystem, not plugged in yet. */
  formatted(name: string, command: string, args: readonly string[], sizeMiB = 120): string {
    const path = this.image(name, sizeMiB);
    run(command, [...args, path]);
    return path;
  }

  plug(image: string): string {
    const device = attachLoop(image);
    this.#attached.add(device);
    return device;
  }

  /** Resolves when it is really gone: whoever looks into it at this moment delays that. */
  async unplug(device: string): Promise<void> {
    detachLoop(device);
    this.#attached.delete(device);
    const backing = `/sys/class/block/${device.slice('/dev/'.length)}/loop/backing_file`;
    const isOurs = (): boolean => {
      try {
        return readFileSync(backing, 'utf8').startsWith(this.folder);
      } catch {
        return false;
      }
    };
    while (isOurs()) await sleep(20);
  }

  mount(device: string, name: string, options: readonly string[] = []): string {
    const path = join(this.folder, name);
    run('mkdir', ['-p', path]);
    run('mount', [...options, device, path]);
    this.#mounted.push(path);
    return path;
  }

  unmount(path: string, options: readonly string[] = []): void {
    run('umount', [...options, path]);
    this.#mounted.splice(this.#mounted.indexOf(path), 1);
  }

  close(): void {
    for (const path of this.#mounted.reverse()) run('umount', ['-l', path], { accept: [0, 1, 32] });
    for (const device of this.#attached) detachLoop(device);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
