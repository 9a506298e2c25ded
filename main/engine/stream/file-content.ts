import { conflict } from '../../../shared/errors.ts';
import type { InodeChange } from '../diff/inode-changes.ts';
import type { InodeView } from '../diff/inode-item.ts';
import { RangeList } from '../diff/ranges.ts';
import { isSameData, SPAN, Spans } from '../diff/spans.ts';
import { INODE_FLAG } from '../format/constants.ts';
import type { NodeSource } from '../volume/cursor.ts';
import type { TreeRoot } from '../volume/tree-root.ts';
import type { Cloner } from './cloner.ts';
import type { Bytes } from './command-sink.ts';
import type { ContentOptions, ContentWriter } from './content-writer.ts';
import type { Outgoing } from './outgoing.ts';
import { FALLOCATE } from './protocol.ts';
import type { Puncher } from './puncher.ts';

const FOREVER = Number.MAX_SAFE_INTEGER;
const MAX_TRIES = 24;

/** The content of regular files: what to write, clone, punch, set aside and cut. */
export class FileContent {
  readonly #out: Outgoing;
  readonly #writer: ContentWriter;
  readonly #puncher: Puncher;
  readonly #cloner: Cloner;
  readonly #options: ContentOptions;
  readonly #fresh: Spans;
  readonly #old: Spans | undefined;
  readonly #ranges = new RangeList();
  #path: Bytes = new Uint8Array(0);
  #inode = 0;
  #size = 0;

  constructor(
    source: NodeSource,
    roots: { readonly old: TreeRoot | undefined; readonly fresh: TreeRoot },
    parts: {
      readonly out: Outgoing;
      readonly writer: ContentWriter;
      readonly puncher: Puncher;
      readonly cloner: Cloner;
    },
    options: ContentOptions,
  ) {
    this.#out = parts.out;
    this.#writer = parts.writer;
    this.#puncher = parts.puncher;
    this.#cloner = parts.cloner;
    this.#options = options;
    this.#fresh = new Spans(source, roots.fresh);
    this.#old = roots.old === undefined ? undefined : new Spans(source, roots.old);
  }

  /** The whole content of a file that was just made. */
  create(path: Bytes, item: InodeView, change: InodeChange): void {
    if (change.extentNode !== undefined) this.#sendWhole(path, item, change);
    else if (item.size > 0) this.#out.truncate(path, item.size);
  }

  #sendWhole(path: Bytes, item: InodeView, change: InodeChange): void {
    this.#begin(path, item, change.inode);
    const spans = this.#fresh;
    spans.begin(change.inode, change.extentNode, change.extentSlot);
    while (spans.step(FOREVER)) {
      const end = Math.min(spans.end, this.#size);
      if (spans.kind === SPAN.prealloc) this.#keep(spans.start, spans.end);
      else if (spans.kind !== SPAN.hole && spans.start < end) this.#data(spans.start, end);
    }
    this.#writer.flush();
    // After space was set aside: doing that behind a size within a block writes to the block.
    if (this.#writer.writtenTo < this.#size) this.#out.truncate(path, this.#size);
  }

  /** What differs between the content that the receiver has and the new one. */
  update(path: Bytes, before: InodeView, item: InodeView, change: InodeChange): void {
    this.#begin(path, item, change.inode);
    const size = this.#size;
    const oldSize = before.size;
    const known = this.#cut(oldSize);
    const ranges = this.#rangesToCompare(change.extents, oldSize);
    // The last block of a file that grows is only known up to the old size: send it again.
    const sameUpTo = size > oldSize ? this.#floor(oldSize) : size;
    for (let i = 0; i < ranges.count; i++) {
      const end = Math.min(this.#ceil(ranges.end(i)), size);
      if (ranges.start(i) < end) this.#compare(ranges.start(i), end, sameUpTo, oldSize);
    }
    this.#writer.flush();
    const reached = Math.max(this.#writer.writtenTo, known);
    const wasCut = this.#puncher.punch(path, size, reached, () => this.#isEmptyAt(reached));
    if (wasCut || reached < size) this.#out.truncate(path, size);
    this.#updatePastSize(change.extents);
  }

  /** Everything from zero: the content that the receiver has goes. */
  replace(path: Bytes, item: InodeView, change: InodeChange): void {
    const whole = change.extentNode;
    change.extentNode = undefined;
    this.#sendWhole(path, item, change);
    change.extentNode = whole;
  }

  #begin(path: Bytes, item: InodeView, inode: number): void {
    this.#path = path;
    this.#inode = inode;
    this.#size = item.size;
    this.#writer.begin(path, inode, (item.flags & INODE_FLAG.nodatasum) === 0);
    this.#puncher.clear();
    this.#cloner.begin(path, inode, item);
  }

  #floor(offset: number): number {
    return offset - (offset % this.#options.sectorSize);
  }

  #ceil(offset: number): number {
    return Math.ceil(offset / this.#options.sectorSize) * this.#options.sectorSize;
  }

  /**
   * A file that shrinks is cut first. One that grows from within a block that is a hole and
   * stays one is cut back to whole blocks: growing it otherwise would write the block.
   * @returns the size that the receiver's file has then.
   */
  #cut(oldSize: number): number {
    const size = this.#size;
    let known = Math.min(size, oldSize);
    const isGrowing = size > oldSize && oldSize % this.#options.sectorSize !== 0;
    if (isGrowing && !this.#options.noData && this.#isEmptyAt(oldSize)) {
      known = this.#floor(oldSize);
    }
    if (known < oldSize) this.#out.truncate(this.#path, known);
    return known;
  }

  /** Whether the block that the offset lies within is a hole in the new file. */
  #isEmptyAt(offset: number): boolean {
    const from = this.#floor(offset);
    this.#fresh.seek(this.#inode, from);
    this.#fresh.step(from + 1);
    return this.#fresh.kind === SPAN.hole || this.#fresh.kind === SPAN.prealloc;
  }

  /** Where the extents differ, and all that lies behind the old size. */
  #rangesToCompare(extents: RangeList, oldSize: number): RangeList {
    const size = this.#size;
    if (size <= oldSize) return extents;
    const from = this.#floor(oldSize);
    const ranges = this.#ranges;
    ranges.clear();
    for (let i = 0; i < extents.count && extents.start(i) <= from; i++) {
      ranges.add(extents.start(i), extents.end(i));
    }
    ranges.add(from, size);
    return ranges;
  }

  #compare(from: number, to: number, sameUpTo: number, oldSize: number): void {
    const fresh = this.#fresh;
    const old = this.#old!;
    fresh.seek(this.#inode, from);
    old.seek(this.#inode, from);
    let isOldThere = old.step(to);
    while (fresh.step(to)) {
      let changedFrom = -1;
      for (;;) {
        const start = Math.max(fresh.start, old.start);
        const end = Math.min(fresh.end, old.end);
        const isOld = isOldThere && start < end;
        if (isOld) changedFrom = this.#meet(start, end, changedFrom, sameUpTo, oldSize);
        if (old.end > fresh.end || !isOldThere) break;
        isOldThere = old.step(to);
        if (!isOldThere) break;
      }
      if (changedFrom >= 0) this.#data(changedFrom, fresh.end);
    }
  }

  /** Both spans show `[start, end)`. Gives back where the data that must be sent begins, or -1. */
  #meet(
    start: number,
    end: number,
    changedFrom: number,
    sameUpTo: number,
    oldSize: number,
  ): number {
    const fresh = this.#fresh;
    const old = this.#old!;
    if (fresh.epoch !== old.epoch) alignEpochs(fresh, old);
    if (fresh.kind === SPAN.hole || fresh.kind === SPAN.prealloc) {
      this.#empty(start, end, sameUpTo, oldSize);
      return -1;
    }
    const isSame = isSameData(fresh, old);
    if (!isSame) return changedFrom < 0 ? start : changedFrom;
    const sameEnd = Math.min(end, Math.max(start, sameUpTo));
    if (sameEnd > start && changedFrom >= 0) this.#data(changedFrom, start);
    if (sameEnd > start) return sameEnd < end ? sameEnd : -1;
    return changedFrom < 0 ? start : changedFrom;
  }

  /** The new file has no data here. */
  #empty(start: number, end: number, sameUpTo: number, oldSize: number): void {
    const old = this.#old!;
    const fresh = this.#fresh;
    const isPrealloc = fresh.kind === SPAN.prealloc;
    const hadData = old.kind === SPAN.data || old.kind === SPAN.inline;
    const isKept = start < sameUpTo && isSameData(fresh, old);
    if (old.kind === SPAN.prealloc && isPrealloc && isKept) return;
    if (hadData && start < oldSize) this.#punch(start, end);
    else if (old.kind === SPAN.prealloc && !isPrealloc && this.#options.protocol > 1) {
      this.#punch(start, end);
    }
    if (isPrealloc) this.#setAside(start, end);
  }

  /** Holes begin at whole sectors, but for one behind inline data. */
  #punch(start: number, end: number): void {
    const from = this.#ceil(start);
    if (start < from) this.#writer.zeros(start, Math.min(from, end));
    if (from < end) this.#puncher.add(from, Math.min(this.#ceil(end), this.#fresh.end));
  }

  #data(start: number, end: number): void {
    const cloner = this.#cloner;
    const span = this.#fresh;
    if (span.kind !== SPAN.data) return this.#writer.piece(span, start, end);
    for (let from = start; from < end;) {
      const clone = cloner.find(span, from, end);
      if (clone === undefined) return this.#writer.piece(span, from, end);
      if (clone.start > from) this.#writer.piece(span, from, clone.start);
      this.#writer.flush();
      cloner.emit(this.#out);
      this.#writer.writtenTo = Math.max(this.#writer.writtenTo, clone.end);
      from = clone.end;
    }
  }

  /** Only version 2 can set space aside. */
  get #canSetAside(): boolean {
    return this.#options.protocol > 1 && !this.#options.noData;
  }

  /** After what is there is punched. */
  #setAside(start: number, end: number): void {
    if (this.#canSetAside) this.#puncher.setAside(start, this.#ceil(end));
  }

  #keep(start: number, end: number): void {
    if (!this.#canSetAside) return;
    this.#writer.flush();
    this.#out.fallocate(this.#path, FALLOCATE.keepSize, start, end - start);
  }

  #updatePastSize(extents: RangeList): void {
    const from = this.#floor(this.#size);
    const isChanged = extents.count > 0 && extents.end(extents.count - 1) > from;
    if (!isChanged || !this.#canSetAside) return;
    const spans = this.#fresh;
    spans.seek(this.#inode, from);
    if (!spans.hasMore || !spans.step(FOREVER)) return;
    const isTailEmpty = spans.kind === SPAN.hole || spans.kind === SPAN.prealloc;
    this.#out.truncate(this.#path, isTailEmpty ? from : this.#size);
    do {
      if (spans.kind === SPAN.prealloc) this.#keep(spans.start, spans.end);
    } while (spans.step(FOREVER));
    if (isTailEmpty && from < this.#size) this.#out.truncate(this.#path, this.#size);
  }
}

/** An address of one generation may be other data in the next: both spans must be of one. */
function alignEpochs(a: Spans, b: Spans): void {
  for (let tries = 0; a.epoch !== b.epoch; tries++) {
    if (tries > MAX_TRIES) {
      throw conflict('data-moves', 'The filesystem changes faster than it can be read.', {
        hint: 'Try again when the balance is done, or pause it (btrfs balance pause).',
      });
    }
    if (a.epoch < b.epoch) a.renew();
    else b.renew();
  }
}
