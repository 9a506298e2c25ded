import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed, run, runText } from './run.ts';

export interface BtrfsOptions {
  /** Size of each device. Default 256; the image files are sparse. */
  readonly sizeMiB?: number;
  /** Number of devices. Default 1. */
  readonly devices?: number;
  readonly mkfsArgs?: readonly string[];
  /**
   * As after `mount -o`, behind `noatime`: without that, whoever walks the mounts (find, du) gives a
   * directory that is being received a new time of access after its times were set: the top most
   * of all, which stays writable longest.
   */
  readonly mountOptions?: string;
  /** Default true. */
  readonly mount?: boolean;
  /** The temporary folder's name begins with it. Default: tells the process, for `npm test`. */
  readonly prefix?: string;
}

/** A fresh btrfs on loop devices over image files in the system's temporary folder. */
export class TestBtrfs {
  /** The mount point. */
  readonly dir: string;
  readonly images: readonly string[];
  readonly #folder: string;
  readonly #devices: (string | undefined)[] = [];
  readonly #mountOptions: string;
  #isMounted = false;

  constructor(options: BtrfsOptions = {}) {
    this.#folder = mkdtempSync(join(tmpdir(), options.prefix ?? `dendro-test-${process.pid}-`));
    this.dir = join(this.#folder, 'mnt');
    this.#mountOptions = ['noatime', ...(options.mountOptions ? [options.mountOptions] : [])].join(
      ',',
    );
    mkdirSync(this.dir);
    this.images = Array.from({ length: options.devices ?? 1 }, (_, index) =>
      join(this.#folder, `disk${index}.img`),
    );
    open.add(this);
    watchForTheEnd();
    try {
      this.#make(options);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #make(options: BtrfsOptions): void {
    for (const image of this.images) {
      writeFileSync(image, '');
      truncateSync(image, (options.sizeMiB ?? 256) * 1024 * 1024);
    }
    this.images.forEach((_, index) => this.attach(index));
    makeFilesystem([...(options.mkfsArgs ?? []), ...this.devices]);
    if (options.mount ?? true) this.mount();
  }

  /** The attached devices, in the order of `images`. */
  get devices(): string[] {
    return this.#devices.filter((device) => device !== undefined);
  }

  /** The first device. */
  get device(): string {
    return this.devices[0]!;
  }

  get isMounted(): boolean {
    return this.#isMounted;
  }

  mount(options: string = this.#mountOptions): void {
    const [first, ...others] = this.devices;
    const words = [...others.map((device) => `device=${device}`), options].filter((w) => w !== '');
    const withOptions = words.length === 0 ? [] : ['-o', words.join(',')];
    run('mount', ['-t', 'btrfs', ...withOptions, first!, this.dir]);
    this.#isMounted = true;
  }

  unmount(): void {
    if (!this.#isMounted) return;
    unmountFolder(this.dir);
    this.#isMounted = false;
  }

  remount(options?: string): void {
    this.unmount();
    this.mount(options);
  }

  /** `sync` of this filesystem alone. */
  sync(): void {
    run('btrfs', ['filesystem', 'sync', this.dir]);
  }

  /** Takes a device away, as if unplugged; the filesystem must not be mounted. */
  detach(index: number): void {
    const device = this.#devices[index];
    if (device === undefined) return;
    this.#devices[index] = undefined;
    // Else the kernel goes on believing that the device belongs to this filesystem.
    run('btrfs', ['device', 'scan', '--forget', device], { accept: [0, 1] });
    detachLoop(device);
  }

  attach(index: number): void {
    this.#devices[index] ??= attachLoop(this.images[index]!);
  }

  /** Lets it outlive this process: from now on nothing is cleaned up. Returns its folder. */
  keep(): string {
    open.delete(this);
    return this.#folder;
  }

  /** Unmounts, detaches, removes. May be called twice. */
  close(): void {
    if (!open.delete(this)) return;
    try {
      this.unmount();
    } catch (error) {
      // Something still has a file open: let go of it, so that nothing is left behind, and say so.
      run('umount', ['-l', this.dir]);
      throw error;
    } finally {
      this.images.forEach((_, index) => this.detach(index));
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }
}

export function makeBtrfs(options: BtrfsOptions = {}): TestBtrfs {
  return new TestBtrfs(options);
}

export async function withBtrfs<T>(
  options: BtrfsOptions,
  body: (fs: TestBtrfs) => T | Promise<T>,
): Promise<T> {
  const fs = makeBtrfs(options);
  try {
    return await body(fs);
  } finally {
    fs.close();
  }
}

/** A process that has just been killed, or a loop device that another looks at, may hold it for a moment. */
export function unmountFolder(folder: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      return void run('umount', [folder]);
    } catch (error) {
      if (!(error instanceof CommandFailed) || attempt === 20) throw error;
      sleepMs(100);
    }
  }
}

/** Attaches an image; the free device that `losetup -f` finds may be taken by another process. */
export function attachLoop(image: string): string {
  for (let attempt = 1; ; attempt++) {
    try {
      const device = runText('losetup', ['-f', '--show', image]);
      attached.set(device, identityOf(image));
      return device;
    } catch (error) {
      if (attempt === 10) throw error;
      sleepMs(100);
    }
  }
}

/** What this process has attached, by device: the number of the image's device, and its own. */
const attached = new Map<string, string>();

/**
 * Detaches what `attachLoop` attached. Once it is not, by its last unmount say, the number may be
 * that of another process's image already, which stays. One that another process looks at, as
 * services do at all block devices, is detached when that has ended: it is waited for, a while.
 */
export function detachLoop(device: string): void {
  const own = attached.get(device);
  const columns = ['-n', '-O', 'BACK-MAJ:MIN,BACK-INO'];
  const image = (): string =>
    runText('losetup', [...columns, device], { accept: [0, 1] })
      .trim()
      .split(/\s+/)
      .join(' ');
  // Nothing is told of an image whose own disk has failed: it is not likely to be another's.
  if (!['', own].includes(image())) return;
  run('losetup', ['-d', device], { accept: [0, 1] });
  for (let attempt = 1; attempt <= 50 && image() === own; attempt++) sleepMs(100);
}

function identityOf(image: string): string {
  return runText('stat', ['-L', '-c', '%Hd:%Ld %i', image]).trim();
}

/** mkfs looks at all block devices; one that goes away meanwhile, another process's, is an error. */
function makeFilesystem(args: readonly string[]): void {
  for (let attempt = 1; ; attempt++) {
    try {
      return void run('mkfs.btrfs', ['-q', '-f', ...args]);
    } catch (error) {
      const isPassing = error instanceof CommandFailed && error.stderr.includes('mount status');
      if (!isPassing || attempt === 20) throw error;
      sleepMs(100);
    }
  }
}

export function sleepMs(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

const open = new Set<TestBtrfs>();
let isWatching = false;

/** Cleans up also when the process is told to stop. */
function watchForTheEnd(): void {
  if (isWatching) return;
  isWatching = true;
  process.on('exit', closeAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      closeAll();
      // Only now: with no listener a second Ctrl-C would have ended the cleaning up.
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    });
  }
}

function closeAll(): void {
  for (const fs of [...open]) {
    try {
      fs.close();
    } catch (error) {
      process.stderr.write(`${String(error)}\n`);
    }
  }
}
