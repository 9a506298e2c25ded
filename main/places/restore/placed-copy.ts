import type { DendroError } from '../../../shared/errors.ts';
import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import { INODE_FLAG } from '../../engine/format/constants.ts';
import type { DamageList } from '../../engine/restore/damage-list.ts';
import { isDamage } from '../../engine/volume/index.ts';
import { statusOf } from '../../engine/restore/destination.ts';
import type { TargetTree } from '../../engine/restore/target-tree.ts';
import type { Creation } from '../../engine/sink/held-creation.ts';
import type { TreeWriter } from '../../engine/sink/tree-writer.ts';
import { directoryTwice, joinPath } from '../../engine/tree/index.ts';
import { S_IFMT, type FileStatus } from '../../linux/files.ts';
import { NOTHING, type PlacedNode, type Stretch } from '../node.ts';
import { dataFromPlace, fromPlace } from './from-place.ts';
import { keepTimes } from '../../engine/restore/write-properties.ts';
import { writeProperties } from './write-properties.ts';
import { lost } from '../../engine/sink/lost.ts';
import type { Note } from '../../../shared/said.ts';

export interface PlacedCopyHooks {
  readonly cancel: CancelToken;
  readonly onProgress: (bytes: number, files: number, path: string) => void;
  readonly onLoss: (path: Uint8Array, what: Note) => void;
  readonly damages: DamageList;
  /** Ends the restore where the place is not damaged but gone. @throws Io 'source-gone' */
  readonly throwIfGone: (cause: unknown) => void;
}

const FLAGS_BEFORE_DATA = INODE_FLAG.nodatacow | INODE_FLAG.nodatasum;
const MODES = {
  ...{ fifo: 0o010000, character: 0o020000, directory: 0o040000, block: 0o060000 },
  ...{ file: 0o100000, symlink: 0o120000, socket: 0o140000, subvolume: 0o040000 },
} as const;

/** A folder that is there, with names in it still to come. */
interface OpenFolder {
  readonly node: PlacedNode;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Made just now: nothing in it can be from an earlier run. */
  readonly isNew: boolean;
  readonly children: Iterator<readonly [name: string, child: PlacedNode]>;
  readonly nameOf: ReturnType<TargetTree['names']['inFolder']>;
}

/**
 * Copies nodes of a tree that lies anywhere, with all below them, to paths below the writer's
 * root. What is damaged is listed and left out, what the target refuses is reported; what an
 * earlier run has made whole is not made again.
 */
export class PlacedCopy {
  bytes = 0;
  files = 0;
  readonly #root: number;
  readonly #target: TargetTree;
  readonly #writer: TreeWriter;
  readonly #hooks: PlacedCopyHooks;
  /** Where each inode with several names was put first. */
  readonly #linked = new Map<unknown, Uint8Array>();
  /** The folders above what is copied just now: trees may be deeper than calls can be nested. */
  readonly #open: OpenFolder[] = [];
  /** Folders of what is copied just now: damaged names may lead into one again and again. */
  readonly #seen = new Set<unknown>();

  constructor(root: number, target: TargetTree, hooks: PlacedCopyHooks) {
    this.#root = root;
    this.#target = target;
    this.#writer = target.writer;
    this.#hooks = hooks;
  }

  /** @param from in the place, for reports. @throws Cancelled, Io 'source-gone', what the target says */
  copy(node: PlacedNode, from: Uint8Array, to: Uint8Array): void {
    this.#copyOne(node, from, to);
    for (let folder = this.#open.at(-1); folder !== undefined; folder = this.#open.at(-1)) {
      const next = folder.children.next();
      if (next.done === true) this.#leave(this.#open.pop()!);
      else this.#copyChild(folder, ...next.value);
    }
    this.#seen.clear();
  }

  #copyOne(node: PlacedNode, from: Uint8Array, to: Uint8Array, isInNew = false): void {
    this.#hooks.cancel.check();
    if (node.type === 'directory') return this.#enter(node, from, to, isInNew);
    const first = this.#linked.get(node.identity);
    if (first !== undefined && this.#isLinked(to, first)) return this.#count(node, from);
    const isDone = !isInNew && this.#isDone(node, to);
    if (!isDone && !this.#make(node, from, to)) return;
    if (node.links > 1) this.#linked.set(node.identity, Uint8Array.from(to));
    this.#count(node, from);
  }

  #copyChild({ from, to, isNew, nameOf }: OpenFolder, name: string, child: PlacedNode): void {
    const bytes = Buffer.from(name, 'latin1');
    const source = joinPath(from, bytes);
    this.#copyOne(child, source, joinPath(to, nameOf(bytes, source)), isNew);
  }

  /** Only a folder itself, for those above what is restored. */
  makeFolder(node: PlacedNode, to: Uint8Array): void {
    if (!this.#target.create(to, { kind: 'directory' })) return;
    writeProperties(node, to, this.#writer.inodes, this.#hooks);
  }

  #enter(node: PlacedNode, from: Uint8Array, to: Uint8Array, isInNew: boolean): void {
    if (this.#pastDamage(from, () => this.#requireNew(node)) === undefined) return;
    const isThere = !isInNew && statusOf(this.#root, to) !== undefined;
    if (!isThere && !this.#target.create(to, { kind: 'directory' })) return;
    this.#seen.add(node.identity);
    const children = this.#pastDamage(from, () => fromPlace(() => node.children())) ?? NOTHING;
    const nameOf = this.#target.names.inFolder(this.#hooks.onLoss);
    const isNew = !isThere;
    this.#open.push({ node, from, to, isNew, children: children.entries(), nameOf });
  }

  #requireNew({ identity, inode }: PlacedNode): true {
    if (!this.#seen.has(identity)) return true;
    throw directoryTwice(inode);
  }

  /** Its properties last: each name made in it changes its times. */
  #leave({ node, from, to }: OpenFolder): void {
    this.#writer.settle();
    this.#pastDamage(from, () => writeProperties(node, to, this.#writer.inodes, this.#hooks));
    this.#report(from);
  }

  #make(node: PlacedNode, from: Uint8Array, to: Uint8Array): boolean {
    const isThere = node.type === 'subvolume' && statusOf(this.#root, to) !== undefined;
    const creation = isThere
      ? undefined
      : this.#pastDamage(from, () => fromPlace(() => creationOf(node)));
    if (!isThere && (creation === undefined || !this.#target.create(to, creation))) return false;
    if (node.type === 'subvolume') {
      this.#hooks.onLoss(from, lost.subvolume);
      return true;
    }
    if (node.type === 'file') {
      const filled = this.#content(node, from, to);
      if (filled === 'pieces' && node.times !== undefined) {
        keepTimes(node.times, to, this.#writer.inodes);
      }
      if (filled !== 'file') return filled === 'pieces';
    }
    this.#pastDamage(from, () => writeProperties(node, to, this.#writer.inodes, this.#hooks));
    return true;
  }

  /** 'nothing': it cannot be read whole, or the target cannot hold it, and it is left out. */
  #content(node: PlacedNode, from: Uint8Array, to: Uint8Array): 'file' | 'pieces' | 'nothing' {
    const { inodes } = this.#writer;
    const flags = (node.flags ?? 0) & FLAGS_BEFORE_DATA;
    if (flags !== 0) inodes.fileattr(to, flags);
    const before = this.bytes;
    let reached = 0;
    let damage: DendroError | undefined;
    const onBytes = (bytes: number): void => {
      this.#hooks.cancel.check();
      this.bytes += bytes;
      this.#report(from);
    };
    const write = (): void => {
      let end = 0;
      damage = this.#stream(dataFromPlace(node), ({ offset, data }) => {
        reached = offset;
        inodes.write(to, offset, data);
        end = offset + data.length;
        onBytes(data.length);
      });
      if (damage === undefined && end !== node.sizeBytes) inodes.truncate(to, node.sizeBytes);
    };
    const again = (): number => {
      this.bytes = before;
      return reached;
    };
    const file = { from, to, sizeBytes: node.sizeBytes, data: () => dataFromPlace(node) };
    const fill = () => this.#target.fill(file, write, again, onBytes);
    const filled = this.#pastDamage(from, fill);
    if (damage === undefined && filled !== undefined) {
      // Its holes as well: they are in the plan.
      this.bytes = before + node.sizeBytes;
      return filled;
    }
    if (damage !== undefined) {
      this.#hooks.throwIfGone(damage);
      this.#hooks.damages.whole(from, damage);
    }
    inodes.leave();
    this.#target.remove(to);
    return 'nothing';
  }

  #pastDamage<T>(from: Uint8Array, work: () => T): T | undefined {
    return this.#target.pastDamage(from, work, this.#hooks.throwIfGone);
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
    if (found === undefined || node.type === 'subvolume') return false;
    if (isWhole(node, found)) {
      this.bytes += node.sizeBytes;
      return true;
    }
    this.#target.remove(to);
    return false;
  }

  #isLinked(to: Uint8Array, first: Uint8Array): boolean {
    const there = statusOf(this.#root, to);
    const isSame = there !== undefined && there.identity === statusOf(this.#root, first)?.identity;
    return isSame || this.#target.link(to, first);
  }

  #count({ type }: PlacedNode, from: Uint8Array): void {
    if (type !== 'subvolume') this.files += 1;
    this.#report(from);
  }

  #report(from: Uint8Array): void {
    this.#hooks.onProgress(this.bytes, this.files, textFromBytes(from));
  }
}

function isWhole(node: PlacedNode, found: FileStatus): boolean {
  const { modified } = node;
  const type = found.mode & S_IFMT;
  // a folder of pieces, which has the file's times when all of them are there
  const isInPieces = node.type === 'file' && type === MODES.directory;
  return (
    (isInPieces || type === MODES[node.type]) &&
    (isInPieces || node.type !== 'file' || found.size === node.sizeBytes) &&
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
