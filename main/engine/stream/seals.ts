import type { InodeView } from '../diff/inode-item.ts';
import { SEALS } from './attributes.ts';
import type { Bytes } from './command-sink.ts';
import type { Key } from './namespace.ts';

export interface SealHooks {
  /** The receiver's inode of before; undefined when there was none. */
  readonly old: (inode: number) => InodeView | undefined;
  /** @throws Corrupt `inode-missing`. */
  readonly fresh: (inode: number) => InodeView;
  readonly survives: (inode: number) => boolean;
  /** Where it stands at the receiver now. */
  readonly path: (key: Key) => Bytes;
  readonly setFlags: (path: Bytes, flags: number) => void;
  /** The last thing that a directory gets. */
  readonly setDirectoryFlags: (inode: number, flags: number) => void;
}

/**
 * Flags that forbid changes: taken off before something is changed, and put on again when all is
 * done. Only version 2 has brought them to the receiver.
 */
export class Seals {
  readonly #protocol: number;
  readonly #hooks: SealHooks;
  /** The flags that are left of each that was unsealed. */
  readonly #unsealed = new Map<Key, number>();

  constructor(protocol: number, hooks: SealHooks) {
    this.#protocol = protocol;
    this.#hooks = hooks;
  }

  /** Before it, or one of a directory's names, is changed. */
  takeOff(key: Key): void {
    if (this.#protocol === 1 || this.#unsealed.has(key)) return;
    if (key > 0 && !this.#hooks.survives(key)) return;
    const flags = this.#hooks.old(Math.abs(key))?.flags ?? 0;
    if ((flags & SEALS) === 0) return;
    this.#unsealed.set(key, flags & ~SEALS);
    this.#hooks.setFlags(this.#hooks.path(key), flags & ~SEALS);
  }

  /** The flags that it has at the receiver now, for its own update, which puts them right. */
  handOver(inode: number, before: InodeView): number {
    if ((before.flags & SEALS) !== 0) this.takeOff(inode);
    const flags = this.#unsealed.get(inode) ?? before.flags;
    this.#unsealed.delete(inode);
    return flags;
  }

  putOnAgain(): void {
    for (const [key] of this.#unsealed) {
      if (key < 0) continue;
      const item = this.#hooks.fresh(key);
      if (item.isDirectory) this.#hooks.setDirectoryFlags(key, item.flags);
      else this.#hooks.setFlags(this.#hooks.path(key), item.flags);
    }
  }
}
