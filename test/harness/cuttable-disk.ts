import { rmSync } from 'node:fs';
import { attachLoop, detachLoop, makeBtrfs, sleepMs, type TestBtrfs } from './loop.ts';
import { run, runText } from './run.ts';

/**
 * A btrfs whose disk is a file on another btrfs: a reflink of that file is the disk as a power cut
 * at that moment leaves it.
 */
export class CuttableDisk {
  /** The mount point. */
  readonly dir: string;
  readonly #outer: TestBtrfs;
  #image: string;
  #kept = '';
  #device: string;
  #cuts = 0;

  constructor(sizeMiB: number) {
    this.#outer = makeBtrfs({ sizeMiB: 8 * sizeMiB });
    this.dir = `${this.#outer.dir}/mnt`;
    run('mkdir', [this.dir]);
    this.#image = `${this.#outer.dir}/disk-0`;
    run('truncate', ['-s', `${sizeMiB}M`, this.#image]);
    run('mkfs.btrfs', ['-q', '-f', this.#image]);
    this.#device = attachLoop(this.#image);
    run('mount', [this.#device, this.dir]);
  }

  /** A folder beside the disk, which no power cut reaches. */
  get outside(): string {
    return this.#outer.dir;
  }

  /** The power is cut now. What is still running goes on with a disk that nobody will see again. */
  cut(): void {
    this.#cuts += 1;
    this.#kept = `${this.#outer.dir}/disk-${this.#cuts}`;
    run('cp', ['--reflink=always', this.#image, this.#kept]);
  }

  /** The system is up again: the disk is mounted as the cut left it. */
  start(): void {
    this.#detach();
    rmSync(this.#image);
    this.#image = this.#kept;
    this.#device = attachLoop(this.#image);
    run('mount', [this.#device, this.dir]);
  }

  close(): void {
    this.#detach();
    this.#outer.close();
  }

  /** Also of a disk that is in use, or was taken away before. */
  #detach(): void {
    this.#unmount();
    detachLoop(this.#device);
    this.#untilDetached();
  }

  /** What was just killed may hold it for a moment. */
  #unmount(): void {
    for (let attempt = 1; run('umount', [this.dir], { accept: [0, 32] }).status !== 0;) {
      if (attempt++ === 50) throw new Error(`could not unmount ${this.dir}`);
      sleepMs(100);
    }
  }

  /** Whoever looks at all block devices at this moment holds it a little longer. */
  #untilDetached(): void {
    for (let attempt = 1; runText('losetup', ['-j', this.#image]) !== ''; attempt += 1) {
      if (attempt === 300) throw new Error(`${this.#image} stays attached`);
      sleepMs(100);
    }
  }
}
