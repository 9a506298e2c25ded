import { corrupt, unsupported } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { COMPRESSION, EXTENT_TYPE, KEY } from '../format/constants.ts';
import { FILE_EXTENT } from '../format/layouts.ts';
import { readSectors, readU64 } from '../format/numbers.ts';
import { Cursor, type NodeSource } from '../volume/cursor.ts';
import type { Node } from '../volume/node.ts';
import type { TreeRoot } from '../volume/tree-root.ts';

/** No compressed extent decodes to more (BTRFS_MAX_UNCOMPRESSED). */
export const MAX_COMPRESSED_RAM = 128 * 1024;
const INLINE_DATA = FILE_EXTENT.at.type + 1;
const { at } = FILE_EXTENT;

export const SPAN = { hole: 0, data: 1, prealloc: 2, inline: 3 } as const;
export type SpanKind = (typeof SPAN)[keyof typeof SPAN];

/**
 * Steps through a file's content span by span, holes between and behind the extents included.
 * One object, its fields filled anew by each step.
 */
export class Spans {
  /** The span: file offsets, `end` exclusive. */
  start = 0;
  end = 0;
  kind: SpanKind = SPAN.hole;
  /** Where the extent's file range would begin: `start - itemStart + offset` is inside the extent. */
  itemStart = 0;
  diskLogical = 0;
  diskLength = 0;
  /** Offset of `itemStart` in the decoded extent. */
  offset = 0;
  ramBytes = 0;
  /** In which the extent was written: a clone of it keeps that. */
  generation = 0;
  compression = 0;
  /** The item, for inline data: it stands at `inlineStart`, `inlineLength` bytes. */
  node!: Node;
  inlineStart = 0;
  inlineLength = 0;
  /** The volume's epoch that `diskLogical` belongs to; -1: an earlier one, it is not known which. */
  epoch = 0;
  readonly #firstEpoch: number;
  readonly #source: NodeSource;
  #cursor: Cursor;
  #inode = 0;
  #isLoaded = false;
  #itemEnd = 0;
  #itemKind: SpanKind = SPAN.hole;
  /** A leaf known to hold the next item, instead of a search. */
  #leaf: Node | undefined;
  #leafSlot = 0;

  constructor(source: NodeSource, root: TreeRoot) {
    this.#source = source;
    this.#cursor = new Cursor(source, source.root(root.id) ?? root);
    this.epoch = this.#firstEpoch = this.#cursor.epoch;
  }

  /** The same span in the newest generation that the volume knows. */
  renew(): void {
    const { start, end } = this;
    const root = this.#source.root(this.#cursor.root.id) ?? this.#cursor.root;
    this.#cursor = new Cursor(this.#source, root);
    this.seek(this.#inode, start);
    this.step(end);
  }

  /** To the beginning of a file; `node` and `slot` may name its first extent. */
  begin(inode: number, node?: Node, slot = 0): void {
    this.#inode = inode;
    this.end = 0;
    this.#isLoaded = false;
    this.#leaf = node;
    this.#leafSlot = slot;
    if (node === undefined) this.#cursor.seek(inode, KEY.extentData, 0);
    else this.epoch = this.#source.epoch === this.#firstEpoch ? this.#firstEpoch : -1;
    this.#load();
  }

  /** To any offset of a file. */
  seek(inode: number, from: number): void {
    this.#inode = inode;
    this.end = from;
    this.#leaf = undefined;
    const cursor = this.#cursor;
    const isFound = cursor.seekLast(inode, KEY.extentData, from);
    const isOurs = isFound && cursor.objectId === inode && cursor.type === KEY.extentData;
    if (!isOurs) cursor.seek(inode, KEY.extentData, from);
    this.#load();
    if (this.#isLoaded && this.#itemEnd <= from) this.#next();
  }

  /** The next span up to `limit`; false when there is nothing left before it. */
  step(limit: number): boolean {
    const from = this.end;
    if (from >= limit) return false;
    while (this.#isLoaded && this.#itemEnd <= from) this.#next();
    this.start = from;
    if (!this.#isLoaded || this.itemStart >= limit) {
      this.kind = SPAN.hole;
      this.end = limit;
    } else if (this.itemStart > from) {
      this.kind = SPAN.hole;
      this.end = this.itemStart;
    } else {
      this.kind = this.#itemKind;
      this.end = Math.min(this.#itemEnd, limit);
    }
    return true;
  }

  /** Whether any extent stands at or behind the current end: space set aside past the size. */
  get hasMore(): boolean {
    while (this.#isLoaded && this.#itemEnd <= this.end) this.#next();
    return this.#isLoaded;
  }

  #next(): void {
    if (this.#leaf !== undefined) {
      if (++this.#leafSlot >= this.#leaf.itemCount) {
        this.#leaf = undefined;
        this.#cursor.seek(this.#inode, KEY.extentData, this.#itemEnd);
      }
    } else this.#cursor.next();
    this.#load();
  }

  #load(): void {
    const cursor = this.#cursor;
    const node = this.#leaf ?? cursor.node;
    const slot = this.#leaf === undefined ? cursor.slot : this.#leafSlot;
    if (this.#leaf === undefined) this.epoch = cursor.epoch;
    this.#isLoaded =
      (this.#leaf !== undefined || cursor.valid) &&
      node.objectId(slot) === this.#inode &&
      node.type(slot) === KEY.extentData;
    if (this.#isLoaded) this.#parse(node, slot);
  }

  #parse(node: Node, slot: number): void {
    const { view } = node;
    const start = node.dataStart(slot);
    const size = node.dataSize(slot);
    if (size < INLINE_DATA) throw damaged(node, slot);
    const type = view.getUint8(start + at.type);
    this.node = node;
    this.itemStart = node.fileOffset(slot);
    this.ramBytes = readSectors(view, start + at.ramBytes);
    this.compression = view.getUint8(start + at.compression);
    if (
      view.getUint8(start + at.encryption) !== 0 ||
      view.getUint16(start + at.otherEncoding, true)
    )
      throw unsupported('extent-encoding', 'A file extent is encrypted or encoded otherwise.');
    const isCompressed = this.compression !== COMPRESSION.none;
    if (this.itemStart < 0 || this.ramBytes < 0) throw damaged(node, slot);
    if (isCompressed && this.ramBytes > MAX_COMPRESSED_RAM) throw damaged(node, slot);
    if (this.compression > COMPRESSION.zstd) {
      throw unsupported(
        'compression-unknown',
        say`Compression ${{ compression: this.compression }} is not known.`,
      );
    }
    if (type === EXTENT_TYPE.inline) return this.#parseInline(start, size, isCompressed);
    if (size < FILE_EXTENT.size || type > EXTENT_TYPE.prealloc) throw damaged(node, slot);
    this.generation = readU64(view, start + at.generation);
    this.diskLogical = readU64(view, start + at.diskLogical);
    this.diskLength = readU64(view, start + at.diskLength);
    this.offset = readU64(view, start + at.offset);
    const length = readSectors(view, start + at.length);
    const isBad = length <= 0 || this.offset < 0 || this.diskLogical < 0 || this.diskLength < 0;
    if (isBad) throw damaged(node, slot);
    this.#itemEnd = this.itemStart + length;
    if (this.diskLogical === 0) this.#itemKind = SPAN.hole;
    else {
      if (this.offset + length > this.ramBytes) throw damaged(node, slot);
      this.#itemKind = type === EXTENT_TYPE.prealloc ? SPAN.prealloc : SPAN.data;
    }
  }

  #parseInline(start: number, size: number, isCompressed: boolean): void {
    this.inlineStart = start + INLINE_DATA;
    this.inlineLength = size - INLINE_DATA;
    this.diskLogical = this.diskLength = this.offset = 0;
    const decoded = isCompressed ? this.ramBytes : this.inlineLength;
    this.#itemKind = SPAN.inline;
    this.#itemEnd = this.itemStart + Math.max(1, decoded);
  }
}

/** Whether two spans that begin at one offset show the same bytes of the same extent. */
export function isSameData(a: Spans, b: Spans): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === SPAN.inline) return isSameInline(a, b);
  return (
    a.diskLogical === b.diskLogical &&
    a.offset - a.itemStart === b.offset - b.itemStart &&
    a.compression === b.compression
  );
}

function isSameInline(a: Spans, b: Spans): boolean {
  if (a.compression !== b.compression || a.inlineLength !== b.inlineLength) return false;
  for (let i = 0; i < a.inlineLength; i++) {
    if (a.node.bytes[a.inlineStart + i] !== b.node.bytes[b.inlineStart + i]) return false;
  }
  return true;
}

function damaged(node: Node, slot: number): Error {
  return corrupt(
    'extent-damaged',
    say`A file extent of inode ${{ inode: node.objectId(slot) }} is damaged.`,
    {
      hint: 'Check the filesystem (btrfs check).',
      place: { tree: node.owner, logical: node.logical },
    },
  );
}
