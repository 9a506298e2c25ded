import type { PagedMemoryOptions } from '../../engine/spill/paged-memory.ts';
import { PiecesPool } from './frame-order.ts';
import type { ContentOp, ContentVersion, DataRun, EncodedPiece, Inode } from './inode.ts';
import { SegmentMemory, type Segment } from './segment-memory.ts';
import { SegmentMap } from './segments.ts';
import { mismatch } from './tree.ts';

/** Clones of clones of clones: more than any filesystem makes, less than the stack. */
const MAX_DEPTH = 500;

interface Resolved {
  readonly map: SegmentMap;
  count: number;
  /** What the last change that is in it is asked for by; undefined before the first. */
  at: number | undefined;
}

/** Objects in memory for all that is kept; beyond it what was not asked for lately is let go. */
const MOST_HELD = 1 << 16;
/** After so many changes it is looked how many they are: no change makes more than a few. */
const CHANGES_BETWEEN = MOST_HELD / 4;
/**
 * A file of fewer is worked out anew each time: of a million small ones those that were kept for a
 * while grew old, and were garbage that V8 lets lie long.
 */
const FEW_CHANGES = 32;

/**
 * Where the bytes of a file stand, from all that its streams did to it. What was worked out last
 * is kept, and goes on from there for a later version.
 */
export class ContentResolver {
  /** For who reads what stands there. */
  readonly pool = new PiecesPool();
  /** By the keys of inodes. */
  readonly #newest = new Map<number, Resolved>();
  /** The version that clones were made of last, while the file itself went on. */
  readonly #older = new Map<number, Resolved>();
  readonly #memory: SegmentMemory;
  /** An inode of each tree, by the number of the tree. */
  readonly #trees = new Map<number, Inode>();
  #changes = 0;

  constructor(options: PagedMemoryOptions = {}) {
    this.#memory = new SegmentMemory(options);
  }

  close(): void {
    this.#memory.close();
  }

  /** What a stretch of a file is of. */
  opOf({ tree, change }: Segment): DataRun | EncodedPiece | 'missing' {
    const op = this.#trees.get(tree)!.changeAt(change);
    if (op.kind === 'data' || op.kind === 'encoded') return op;
    return 'missing';
  }

  segments({ inode, count }: ContentVersion, depth = 0): SegmentMap {
    if (depth > MAX_DEPTH) throw mismatch('clones a file through too many others');
    const { key } = inode;
    if (depth === 0 && this.#changes > CHANGES_BETWEEN) this.#forgetOthers(key);
    const known = this.#begin(key, count);
    if (known.count === count) return known.map;
    this.#trees.set(inode.tree, inode);
    known.map.using(() => {
      for (const { op, at } of inode.changes(known.at)) {
        this.#apply(known, op, { inode, change: at, depth });
        known.at = at;
        known.count += 1;
        if (count >= FEW_CHANGES) this.#changes += 1;
        if (known.count === count) break;
      }
    });
    if (count < FEW_CHANGES && known.map.isLarge) this.#keep(key, known);
    return known.map;
  }

  /** What is known of this version or an earlier one. */
  #begin(key: number, count: number): Resolved {
    for (const kept of [this.#newest, this.#older]) {
      const known = kept.get(key);
      if (known === undefined || known.count > count) continue;
      // The one that was used last is the last.
      kept.delete(key);
      kept.set(key, known);
      return known;
    }
    const fresh: Resolved = { map: new SegmentMap(this.#memory), count: 0, at: undefined };
    if (count >= FEW_CHANGES) this.#keep(key, fresh);
    return fresh;
  }

  #keep(key: number, resolved: Resolved): void {
    const newest = this.#newest.get(key);
    if (newest === resolved) return;
    const kept = newest === undefined ? this.#newest : this.#older;
    const before = kept.get(key);
    if (before === resolved) return;
    before?.map.drop();
    kept.set(key, resolved);
  }

  /** A file of very many pieces, most of which are out of memory, is worth more than many others. */
  #forgetOthers(key: number): void {
    this.#changes = 0;
    const all = [this.#older, this.#newest];
    let held = 0;
    for (const kept of all) for (const { map } of kept.values()) held += map.held;
    for (const kept of all) {
      for (const [other, { map }] of kept) {
        if (held <= MOST_HELD) return;
        if (other === key) continue;
        held -= map.held;
        map.drop();
        kept.delete(other);
      }
    }
  }

  #apply(
    known: Resolved,
    op: ContentOp,
    { inode, change, depth }: { inode: Inode; change: number; depth: number },
  ): void {
    const { map } = known;
    const { tree, key } = inode;
    switch (op.kind) {
      case 'data':
      case 'encoded':
      case 'missing': {
        const [start, end] = [op.offset, op.offset + op.length];
        return map.lay({ start, end, shift: 0, tree, change });
      }
      case 'zero':
        return map.clear(op.offset, op.offset + op.length);
      case 'size':
        return map.clear(op.size, Number.MAX_SAFE_INTEGER);
      case 'clone': {
        const isSelf = op.source.inode.key === key && op.source.count === known.count;
        const from = isSelf ? map : this.segments(op.source, depth + 1);
        const shift = op.offset - op.sourceOffset;
        const parts = from.within(op.sourceOffset, op.sourceOffset + op.length);
        // Of itself: what is laid must not be met again.
        const apart = from === map ? [...parts] : parts;
        map.clear(op.offset, op.offset + op.length);
        for (const { start, end, shift: before, tree, change } of apart) {
          const moved = { start: start + shift, end: end + shift, shift: before + shift };
          map.lay({ ...moved, tree, change });
        }
        return;
      }
    }
  }
}
