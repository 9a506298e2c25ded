import { Heap, UNIT, type PagedMemory } from '../../engine/spill/paged-memory.ts';
import type { ContentOp, ContentVersion } from './inode.ts';
import type { StreamRef } from './stream-ref.ts';

/** The first and last change of a file's content, in units of the log, and how many there are. */
export interface ContentEnds {
  first: number;
  last: number;
  count: number;
}

const KINDS = ['data', 'encoded', 'clone', 'cloneOf', 'zero', 'missing', 'size'] as const;
type Kind = (typeof KINDS)[number];
const KIND_BITS = 3;
const HEAD_BYTES = 8;
const NO_CHANGE = 0;

/**
 * What changed the contents of files: each change knows the next one of its file.
 *
 *   u32 next | u32 kind, number of the stream or the version | f64 each field
 */
export class ContentLog {
  readonly #heap: Heap;
  readonly #streams = new Numbered<StreamRef>();
  /** Versions of files of other trees. */
  readonly #versions = new Numbered<ContentVersion>();
  readonly #own: (inode: number, count: number, size: number) => ContentVersion;
  readonly #isOwn: (version: ContentVersion) => boolean;

  /**
   * @param isOwn whether a version is of a file of this tree
   * @param own makes it again
   */
  constructor(
    memory: PagedMemory,
    isOwn: (version: ContentVersion) => boolean,
    own: (inode: number, count: number, size: number) => ContentVersion,
  ) {
    this.#heap = new Heap(memory);
    this.#isOwn = isOwn;
    this.#own = own;
  }

  /** Behind the last change; returns the new ends. */
  add(ends: ContentEnds, op: ContentOp): ContentEnds {
    const [kind, extra, fields] = this.#fieldsOf(op);
    const place = this.#heap.reserve(HEAD_BYTES + 8 * fields.length);
    const page = this.#heap.page(place);
    const at = this.#heap.within(place);
    page.u32[at / 4 + 1] = (extra << KIND_BITS) | KINDS.indexOf(kind);
    page.f64.set(fields, (at + HEAD_BYTES) / 8);
    page.isChanged = true;
    const unit = place / UNIT;
    if (ends.last !== NO_CHANGE) this.#setNext(ends.last, unit);
    return { first: ends.first || unit, last: unit, count: ends.count + 1 };
  }

  /** The change at a unit, and the unit of the next one. */
  at(unit: number): { readonly op: ContentOp; readonly next: number } {
    const place = unit * UNIT;
    const { u32, f64 } = this.#heap.page(place);
    const at = this.#heap.within(place);
    const next = u32[at / 4]!;
    const head = u32[at / 4 + 1]!;
    const kind = KINDS[head & ((1 << KIND_BITS) - 1)]!;
    return { op: this.#opOf(kind, head >>> KIND_BITS, f64, at / 8 + 1), next };
  }

  #setNext(unit: number, next: number): void {
    const page = this.#heap.page(unit * UNIT);
    page.u32[this.#heap.within(unit * UNIT) / 4] = next;
    page.isChanged = true;
  }

  #fieldsOf(op: ContentOp): [kind: Kind, extra: number, fields: number[]] {
    switch (op.kind) {
      case 'data': {
        const { offset, length, chunk, at, stride, stream } = op;
        return ['data', this.#streams.of(stream), [offset, length, chunk, at, stride]];
      }
      case 'encoded': {
        const { offset, length, wholeLength, wholeOffset, compression, encryption } = op;
        const fields = [offset, length, wholeLength, wholeOffset, compression, encryption];
        return ['encoded', this.#streams.of(op.stream), [...fields, op.dataLength, op.at]];
      }
      case 'clone': {
        const { offset, length, source, sourceOffset } = op;
        const fields = [offset, length, sourceOffset];
        if (!this.#isOwn(source)) return ['cloneOf', this.#versions.of(source), fields];
        const { inode, count, size } = source;
        return ['clone', 0, [...fields, inode.id, count, size]];
      }
      case 'size':
        return ['size', 0, [op.size]];
      default:
        return [op.kind, 0, [op.offset, op.length]];
    }
  }

  #opOf(kind: Kind, extra: number, f64: Float64Array, from: number): ContentOp {
    const field = (i: number): number => f64[from + i]!;
    if (kind === 'size') return { kind, size: field(0) };
    const [offset, length] = [field(0), field(1)];
    switch (kind) {
      case 'data': {
        const stream = this.#streams.at(extra);
        return { kind, offset, length, chunk: field(2), at: field(3), stride: field(4), stream };
      }
      case 'encoded':
        return {
          ...{ kind, offset, length, wholeLength: field(2), wholeOffset: field(3) },
          ...{ compression: field(4), encryption: field(5), dataLength: field(6), at: field(7) },
          stream: this.#streams.at(extra),
        };
      case 'clone': {
        const sourceOffset = field(2);
        const source = this.#own(field(3), field(4), field(5));
        return { kind, offset, length, source, sourceOffset };
      }
      case 'cloneOf': {
        const source = this.#versions.at(extra);
        return { kind: 'clone', offset, length, source, sourceOffset: field(2) };
      }
      default:
        return { kind, offset, length };
    }
  }
}

/** Things by the order in which they came. */
class Numbered<T extends object> {
  readonly #all: T[] = [];
  readonly #known = new Map<T, number>();

  of(one: T): number {
    let number = this.#known.get(one);
    if (number === undefined) {
      number = this.#all.push(one) - 1;
      this.#known.set(one, number);
    }
    return number;
  }

  at(number: number): T {
    return this.#all[number]!;
  }
}
