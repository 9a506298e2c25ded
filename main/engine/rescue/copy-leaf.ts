import {
  closeSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  openSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { readSymlink, type Inode, type Subvolume } from '../tree/index.ts';
import type { KeptProperties } from './keep-properties.ts';
import type { Losses } from './losses.ts';
import { readPastDamage, type FileShape } from './read-past-damage.ts';
import { noted, say, type Note } from '../../../shared/said.ts';

const TOO_LARGE = 'The target filesystem cannot hold a file of this size.';

export interface CopyHooks {
  /** Told of each file: what it held, and its path in its subvolume. */
  readonly onCopied?: (copied: { bytes: number; path: Uint8Array }) => void;
  readonly cancel?: { check(): void };
}

/** Copies files and symlinks of one subvolume, past damage, and counts what came out. */
export class LeafCopier {
  files = 0;
  symlinks = 0;
  bytes = 0;
  /** That had no checksum to be held against. */
  unverifiedBytes = 0;
  readonly #subvolume: Subvolume;
  readonly #losses: Losses;
  readonly #properties: KeptProperties;
  readonly #hooks: CopyHooks;
  /** Of what has several names: where the first one was copied to. */
  readonly #firstNames = new Map<number, Buffer>();

  constructor(subvolume: Subvolume, losses: Losses, properties: KeptProperties, hooks: CopyHooks) {
    this.#subvolume = subvolume;
    this.#losses = losses;
    this.#properties = properties;
    this.#hooks = hooks;
  }

  /** @param inode or what is known of the file without it */
  file(inode: Inode | FileShape, target: Buffer, path: Uint8Array): void {
    this.#losses.write(path, inode.number, () => {
      const before = this.bytes;
      const fd = openSync(target, 'wx');
      try {
        this.#copyContent(inode, fd, path);
      } finally {
        closeSync(fd);
      }
      this.files += 1;
      this.#mayHaveLinks(inode, target);
      if ('mode' in inode) this.#properties.keep(target, path, inode);
      this.#hooks.onCopied?.({ bytes: this.bytes - before, path });
    });
  }

  #mayHaveLinks(inode: Inode | FileShape, target: Buffer): void {
    if ('links' in inode && inode.links > 1) this.#firstNames.set(inode.number, target);
  }

  /** One more name of what was copied already; false where that cannot be, or it is none. */
  isLinked(number: number, target: Buffer): boolean {
    const first = this.#firstNames.get(number);
    if (first === undefined) return false;
    try {
      linkSync(first, target);
    } catch {
      // exFAT knows no links, and others not so many of them: copied as often as it has names.
      return false;
    }
    if (lstatSync(target).isSymbolicLink()) this.symlinks += 1;
    else this.files += 1;
    return true;
  }

  #copyContent(inode: FileShape, fd: number, path: Uint8Array): void {
    let end = 0;
    const onLost = (offset: number, lengthBytes: number, reason: Note): void =>
      this.#losses.add({ path, inode: inode.number, what: 'data', reason, offset, lengthBytes });
    for (const { offset, data, isVerified } of readPastDamage(this.#subvolume, inode, onLost)) {
      this.#hooks.cancel?.check();
      if (!isWritten(fd, data, offset)) {
        const lengthBytes = inode.size - offset;
        return onLost(offset, lengthBytes, noted('size-past-target', TOO_LARGE));
      }
      end = offset + data.length;
      this.bytes += data.length;
      if (!isVerified) this.unverifiedBytes += data.length;
    }
    if (end < inode.size) this.#truncate(fd, inode, path);
  }

  /** A damaged size may be beyond what the target can hold. */
  #truncate(fd: number, inode: FileShape, path: Uint8Array): void {
    try {
      ftruncateSync(fd, inode.size);
    } catch {
      this.#losses.lose(
        path,
        inode.number,
        'properties',
        noted('size-impossible', say`Its size of ${{ bytes: inode.size }} bytes is impossible.`),
      );
    }
  }

  symlink(inode: Inode, target: Buffer, path: Uint8Array): void {
    const { number } = inode;
    this.#losses.guard(path, number, 'file', () => {
      const to = Buffer.from(readSymlink(this.#subvolume, number));
      if (!this.#losses.write(path, number, () => symlinkSync(to, target))) return;
      this.symlinks += 1;
      this.#mayHaveLinks(inode, target);
      this.#properties.keep(target, path, inode);
    });
  }
}

/** False: the target holds no file that reaches so far, though a hole lies before it. */
function isWritten(fd: number, data: Uint8Array, offset: number): boolean {
  try {
    for (let done = 0; done < data.length;) {
      done += writeSync(fd, data, done, data.length - done, offset + done);
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EFBIG') throw error;
    return false;
  }
}
