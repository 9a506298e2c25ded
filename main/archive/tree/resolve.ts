import { mismatch } from './tree.ts';
import type { ContentOp, ContentVersion, Inode } from './inode.ts';
import { SegmentMap } from './segments.ts';

/** Clones of clones of clones: more than any filesystem makes, less than the stack. */
const MAX_DEPTH = 500;

interface Resolved {
  readonly map: SegmentMap;
  count: number;
}

/**
 * Where the bytes of a file stand, from all that its streams did to it. What was worked out is
 * kept as long as the inode is, and goes on from there for a later version.
 */
export class ContentResolver {
  readonly #newest = new WeakMap<Inode, Resolved>();
  /** The version that clones were made of last, while the file itself went on. */
  readonly #older = new WeakMap<Inode, Resolved>();

  segments({ inode, count }: ContentVersion, depth = 0): SegmentMap {
    if (depth > MAX_DEPTH) throw mismatch('clones a file through too many others');
    const known = this.#begin(inode, count);
    const ops = inode.content ?? [];
    for (; known.count < count; known.count += 1) {
      this.#apply(known, ops[known.count]!, inode, depth);
    }
    return known.map;
  }

  /** What is known of this version or an earlier one. */
  #begin(inode: Inode, count: number): Resolved {
    for (const kept of [this.#newest, this.#older]) {
      const known = kept.get(inode);
      if (known !== undefined && known.count <= count) return known;
    }
    const fresh: Resolved = { map: new SegmentMap(), count: 0 };
    (this.#newest.has(inode) ? this.#older : this.#newest).set(inode, fresh);
    return fresh;
  }

  #apply(known: Resolved, op: ContentOp, inode: Inode, depth: number): void {
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
        const isSelf = op.source.inode === inode && op.source.count === known.count;
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
