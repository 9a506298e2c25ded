import { mismatch } from './tree.ts';
import type { ContentOp, ContentVersion } from './inode.ts';
import { SegmentMap } from './segments.ts';

/** Clones of clones of clones: more than any filesystem makes, less than the stack. */
const MAX_DEPTH = 500;

interface Resolved {
  readonly map: SegmentMap;
  count: number;
  /** What the last change that is in it is asked for by; undefined before the first. */
  at: number | undefined;
}

/** Changes in all that is kept; beyond it only what is asked for is kept on. */
const MOST_CHANGES = 1 << 16;

/**
 * Where the bytes of a file stand, from all that its streams did to it. What was worked out last
 * is kept, and goes on from there for a later version.
 */
export class ContentResolver {
  /** By the keys of inodes. */
  readonly #newest = new Map<number, Resolved>();
  /** The version that clones were made of last, while the file itself went on. */
  readonly #older = new Map<number, Resolved>();
  #changes = 0;

  segments({ inode, count }: ContentVersion, depth = 0): SegmentMap {
    if (depth > MAX_DEPTH) throw mismatch('clones a file through too many others');
    const { key } = inode;
    if (depth === 0 && this.#changes > MOST_CHANGES) this.#forgetOthers(key);
    const known = this.#begin(key, count);
    if (known.count === count) return known.map;
    for (const { op, at } of inode.changes(known.at)) {
      this.#apply(known, op, key, depth);
      known.at = at;
      known.count += 1;
      this.#changes += 1;
      if (known.count === count) break;
    }
    return known.map;
  }

  /** What is known of this version or an earlier one. */
  #begin(key: number, count: number): Resolved {
    for (const kept of [this.#newest, this.#older]) {
      const known = kept.get(key);
      if (known !== undefined && known.count <= count) return known;
    }
    const fresh: Resolved = { map: new SegmentMap(), count: 0, at: undefined };
    (this.#newest.has(key) ? this.#older : this.#newest).set(key, fresh);
    return fresh;
  }

  #forgetOthers(key: number): void {
    this.#changes = 0;
    for (const kept of [this.#newest, this.#older]) {
      const known = kept.get(key);
      kept.clear();
      if (known === undefined) continue;
      kept.set(key, known);
      this.#changes += known.count;
    }
  }

  #apply(known: Resolved, op: ContentOp, key: number, depth: number): void {
    const { map } = known;
    switch (op.kind) {
      case 'data':
      case 'encoded':
        return map.lay({ start: op.offset, end: op.offset + op.length, op, shift: 0 });
      case 'missing':
        return map.lay({ start: op.offset, end: op.offset + op.length, op: 'missing', shift: 0 });
      case 'zero':
        return map.clear(op.offset, op.offset + op.length);
      case 'size':
        return map.clear(op.size, Number.MAX_SAFE_INTEGER);
      case 'clone': {
        const isSelf = op.source.inode.key === key && op.source.count === known.count;
        const from = isSelf ? map : this.segments(op.source, depth + 1);
        const shift = op.offset - op.sourceOffset;
        const parts = [...from.within(op.sourceOffset, op.sourceOffset + op.length)];
        map.clear(op.offset, op.offset + op.length);
        for (const part of parts) {
          map.lay({
            start: part.start + shift,
            end: part.end + shift,
            op: part.op,
            shift: part.shift + shift,
          });
        }
        return;
      }
    }
  }
}
