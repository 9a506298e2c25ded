import { RENAME_EXCHANGE, RENAME_NOREPLACE, type FileStatus } from '../../linux/files.ts';
import { ERRNO, throwErrno } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import { ConfinedTree, Place } from '../sink/confined-tree.ts';
import { exists, freeMarkedPath, freePath, statusOf } from './destination.ts';
import type { Clash } from './placements.ts';

export interface Move {
  readonly staged: Uint8Array;
  /** Device and inode, from before the first rename. */
  readonly identity: string;
  readonly to: Uint8Array;
  readonly aside: Uint8Array | null;
}

export interface Placed {
  readonly to: Uint8Array;
  /** Where what stood there is now. */
  readonly kept: Uint8Array | null;
}

export function identityOf({ device, identity }: FileStatus): string {
  return `${device.join(':')} ${identity}`;
}

/**
 * Gives what is staged its name. At no moment does the name lead nowhere where the filesystem
 * can exchange two names; done again after a kill it finds what was done already.
 *
 * @returns undefined for one that was to be left out because the name is taken meanwhile
 */
export function putInPlace(root: number, move: Move, clash: Clash): Placed | undefined {
  const tree = new ConfinedTree(root);
  try {
    return new Mover(root, tree).put(move, clash);
  } finally {
    tree.close();
  }
}

class Mover {
  readonly #root: number;
  readonly #tree: ConfinedTree;
  readonly #from = new Place();
  readonly #to = new Place();

  constructor(root: number, tree: ConfinedTree) {
    this.#root = root;
    this.#tree = tree;
  }

  put({ staged, identity, to, aside }: Move, clash: Clash): Placed | undefined {
    const there = statusOf(this.#root, to);
    if (there === undefined) {
      this.#rename(staged, to);
      return { to, kept: aside !== null && exists(this.#root, aside) ? aside : null };
    }
    if (identityOf(there) === identity) {
      // Exchanged before the kill: what stood there is in the staging folder, or aside already.
      const isLeft = exists(this.#root, staged) && aside !== null;
      if (isLeft) return { to, kept: this.#setAside(staged, aside) };
      return { to, kept: aside !== null && exists(this.#root, aside) ? aside : null };
    }
    if (clash === 'skip') return undefined;
    if (clash === 'keep-both') {
      const free = freePath(this.#root, to);
      this.#rename(staged, free);
      return { to: free, kept: null };
    }
    const wanted = aside ?? freeMarkedPath(this.#root, to, 'before restore');
    if (this.#tryRename(staged, to, RENAME_EXCHANGE) === 0) {
      return { to, kept: this.#setAside(staged, wanted) };
    }
    const kept = this.#setAside(to, wanted);
    this.#rename(staged, to);
    return { to, kept };
  }

  #setAside(from: Uint8Array, wanted: Uint8Array): Uint8Array {
    const free = exists(this.#root, wanted)
      ? freeMarkedPath(this.#root, wanted, 'before restore')
      : wanted;
    this.#rename(from, free);
    return free;
  }

  #rename(from: Uint8Array, to: Uint8Array): void {
    let errno = this.#tryRename(from, to, RENAME_NOREPLACE);
    // Some filesystems in user space know no flags: then the look before has to do.
    if (errno === ERRNO.EINVAL && !exists(this.#root, to)) errno = this.#tryRename(from, to, 0);
    if (errno !== 0) throwErrno(errno, 'put in place', to);
  }

  #tryRename(from: Uint8Array, to: Uint8Array, flags: number): number {
    this.#tree.locate(from, this.#from);
    this.#tree.locate(to, this.#to);
    const { dir, name } = this.#from;
    return libc().renameat2(dir, name, this.#to.dir, this.#to.name, flags) < 0 ? lastErrno() : 0;
  }
}
