import type { DendroError } from '../../../shared/errors.ts';
import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import { INODE_FLAG } from '../../engine/format/constants.ts';
import { isDamage, type DamageList } from '../../engine/restore/damage-list.ts';
import { statusOf } from '../../engine/restore/destination.ts';
import { refusalOf, refusalOfNode } from '../../engine/restore/refusals.ts';
import { removeTree } from '../../engine/restore/remove-tree.ts';
import type { Creation } from '../../engine/sink/held-creation.ts';
import type { TreeWriter } from '../../engine/sink/tree-writer.ts';
import { joinPath } from '../../engine/tree/index.ts';
import { S_IFMT, type FileStatus } from '../../linux/files.ts';
import { ERRNO, isErrno } from '../../linux/libc-error.ts';
import type { PlacedNode, Stretch } from '../node.ts';
import { writeProperties } from './write-properties.ts';

export interface PlacedCopyHooks {
  readonly cancel: CancelToken;
  readonly onProgress: (bytes: number, files: number, path: string) => void;
  readonly onLoss: (path: Uint8Array, what: string) => void;
  readonly damages: DamageList;
}

/** Deeper than any path that can be opened by name (PATH_MAX is 4,096). */
const MAX_DEPTH = 2_048;
const FLAGS_BEFORE_DATA = INODE_FLAG.nodatacow | INODE_FLAG.nodatasum;
const MODES = {
  ...{ fifo: 0o010000, character: 0o020000, directory: 0o040000, block: 0o060000 },
  ...{ file: 0o100000, symlink: 0o120000, socket: 0o140000, subvolume: 0o040000 },
} as const;

/**
 * Copies nodes of a tree that lies anywhere, with all below them, to paths below the writer's
 * root. What is damaged is listed and left out, what the target refuses is reported; what an
 * earlier run has made whole is not made again.
 */
export class PlacedCopy {
  bytes = 0;
  files = 0;
  readonly #root: number;
  /** Absolute path of the root, for what is removed. */
  readonly #folder: Uint8Array;
  readonly #writer: TreeWriter;
  readonly #hooks: PlacedCopyHooks;
  /** Where each inode with several names was put first. */
  readonly #linked = new Map<unknown, Uint8Array>();

  constructor(root: number, folder: Uint8Array, writer: TreeWriter, hooks: PlacedCopyHooks) {
    this.#root = root;
    this.#folder = folder;
    this.#writer = writer;
    this.#hooks = hooks;
  }

  /** @param from in the place, for reports. @throws Cancelled, and what the target says */
  copy(node: PlacedNode, from: Uint8Array, to: Uint8Array, depth = 0): void {
    this.#hooks.cancel.check();
    if (depth >= MAX_DEPTH) return this.#hooks.onLoss(from, 'folders nested too deep');
    const first = this.#linked.get(node.identity);
    if (first !== undefined && this.#link(to, first)) return this.#count(from);
    if (!this.#isDone(node, to) && !this.#make(node, from, to, depth)) return;
    if (node.links > 1 && node.type !== 'directory') {
      this.#linked.set(node.identity, Uint8Array.from(to));
    }
    this.#count(from);
  }

  /** Only a folder itself, for those above what is restored. */
  makeFolder(node: PlacedNode, to: Uint8Array): void {
    if (!this.#created(to, { kind: 'directory' })) return;
    writeProperties(node, to, this.#writer.inodes, this.#hooks.onLoss);
  }

  #make(node: PlacedNode, from: Uint8Array, to: Uint8Array, depth: number): boolean {
    const isFolder = node.type === 'directory' || node.type === 'subvolume';
    const isThere = isFolder && statusOf(this.#root, to) !== undefined;
    const creation = isThere ? undefined : this.#past(from, () => creationOf(node));
    if (!isThere && (creation === undefined || !this.#created(to, creation))) return false;
    if (node.type === 'subvolume') {
      this.#hooks.onLoss(from, 'a subvolume of its own: its files are in its own snapshots');
      return true;
    }
    if (node.type === 'file' && !this.#content(node, from, to)) return false;
    if (node.type === 'directory') this.#inside(node, from, to, depth);
    this.#past(from, () => writeProperties(node, to, this.#writer.inodes, this.#hooks.onLoss));
    return true;
  }

  #inside(node: PlacedNode, from: Uint8Array, to: Uint8Array, depth: number): void {
    const children = this.#past(from, () => node.children()) ?? new Map<string, PlacedNode>();
    for (const [name, child] of children) {
      const bytes = Buffer.from(name, 'latin1');
      this.copy(child, joinPath(from, bytes), joinPath(to, bytes), depth + 1);
    }
    this.#writer.settle();
  }

  /** False: it cannot be read whole, and is left out. */
  #content(node: PlacedNode, from: Uint8Array, to: Uint8Array): boolean {
    const { inodes } = this.#writer;
    const flags = (node.flags ?? 0) & FLAGS_BEFORE_DATA;
    if (flags !== 0) inodes.fileattr(to, flags);
    const damage = this.#stream(node.read(), ({ offset, data }) => {
      this.#hooks.cancel.check();
      inodes.write(to, offset, data);
      this.bytes += data.length;
      this.#report(from);
    });
    if (damage === undefined) {
      inodes.truncate(to, node.sizeBytes);
      return true;
    }
    this.#hooks.damages.whole(from, damage);
    inodes.leave();
    this.#remove(to);
    return false;
  }

  /** @returns what the place failed with; errors of the target are thrown. */
  #stream(
    stretches: Iterable<Stretch>,
    write: (stretch: Stretch) => void,
  ): DendroError | undefined {
    const reading = stretches[Symbol.iterator]();
    try {
      for (;;) {
        let next: IteratorResult<Stretch>;
        try {
          next = reading.next();
        } catch (error) {
          if (isDamage(error)) return error;
          throw error;
        }
        if (next.done === true) return undefined;
        write(next.value);
      }
    } finally {
      reading.return?.();
    }
  }

  /** Times are the last thing that a file gets: one with the right ones is whole. */
  #isDone(node: PlacedNode, to: Uint8Array): boolean {
    const found = statusOf(this.#root, to);
    if (found === undefined || node.type === 'directory' || node.type === 'subvolume') return false;
    if (isWhole(node, found)) {
      this.bytes += node.sizeBytes;
      return true;
    }
    this.#remove(to);
    return false;
  }

  #remove(to: Uint8Array): void {
    removeTree(joinPath(this.#folder, to));
  }

  #link(to: Uint8Array, first: Uint8Array): boolean {
    if (statusOf(this.#root, to)?.inode === statusOf(this.#root, first)?.inode) return true;
    try {
      this.#writer.link(to, first);
      return true;
    } catch (error) {
      if (isErrno(error, ERRNO.EEXIST)) return false;
      if (refusalOf(error) === undefined) throw error;
      this.#hooks.onLoss(to, 'a hard link: it is a file of its own here');
      return false;
    }
  }

  #created(to: Uint8Array, creation: Creation): boolean {
    try {
      this.#writer.create(to, creation);
      this.#writer.settle();
      return true;
    } catch (error) {
      const why = creation.kind === 'node' ? refusalOfNode(error) : refusalOf(error);
      if (why === undefined) throw error;
      this.#hooks.onLoss(to, `not restored: ${why}`);
      return false;
    }
  }

  #past<T>(from: Uint8Array, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      // An error of a system call at the target ends the restore.
      if (!isDamage(error) || 'errno' in error) throw error;
      this.#hooks.damages.whole(from, error);
      return undefined;
    }
  }

  #count(from: Uint8Array): void {
    this.files += 1;
    this.#report(from);
  }

  #report(from: Uint8Array): void {
    this.#hooks.onProgress(this.bytes, this.files, textFromBytes(from));
  }
}

function isWhole(node: PlacedNode, found: FileStatus): boolean {
  const { modified } = node;
  return (
    (found.mode & S_IFMT) === MODES[node.type] &&
    (node.type !== 'file' || found.size === node.sizeBytes) &&
    modified !== undefined &&
    found.modified.seconds === modified.seconds &&
    found.modified.nanoseconds === modified.nanoseconds
  );
}

function creationOf(node: PlacedNode): Creation {
  switch (node.type) {
    case 'file':
      return { kind: 'file' };
    case 'directory':
    case 'subvolume':
      return { kind: 'directory' };
    case 'symlink':
      return { kind: 'symlink', target: node.target() ?? new Uint8Array(0) };
    default:
      return { kind: 'node', mode: MODES[node.type] | node.mode, rdev: node.rdev };
  }
}
