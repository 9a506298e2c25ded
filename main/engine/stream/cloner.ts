import type { InodeView } from '../diff/inode-item.ts';
import type { Spans } from '../diff/spans.ts';
import { INODE_FLAG } from '../format/constants.ts';
import { CloneCandidates, type Candidate, type CandidateVolume } from './clone-candidates.ts';
import type { Bytes } from './command-sink.ts';
import { Namespace } from './namespace.ts';
import type { Outgoing } from './outgoing.ts';
import type { StreamIdentity } from './puncher.ts';
import { TreeNames } from './tree-names.ts';
import { sentView, type InodeTree, type SentTree } from './visible-names.ts';

/** Stock receivers put their own path in front of this one; no path may be longer than 4,095. */
const MAX_PATH = 3072;

/** A snapshot whose data the receiver has. */
export interface CloneSource extends SentTree {
  readonly identity: StreamIdentity;
}

interface OpenSource {
  readonly identity: StreamIdentity;
  readonly tree: InodeTree;
  readonly names: Namespace;
}

/**
 * Finds data that the receiver has already: in the parent and the other clone sources, which
 * stand there unchanged, and in the files that this stream has finished. Backrefs name the
 * candidates, and each is looked up in its tree before it is believed.
 */
export class Cloner {
  readonly #candidates: CloneCandidates;
  readonly #sources: readonly OpenSource[];
  /** Index of the snapshot that is being sent: the last. */
  readonly #self: number;
  readonly #parent: number;
  readonly #sectorSize: number;
  #path: Bytes = new Uint8Array(0);
  #inode = 0;
  #size = 0;
  #isUnsummed = false;
  #found: { source: OpenSource; path: Bytes; from: number; start: number; end: number } | undefined;

  /**
   * @param parent index of the parent in `sources`, or -1.
   */
  constructor(
    volume: CandidateVolume,
    sources: readonly CloneSource[],
    parent: number,
    self: CloneSource & { readonly names: Namespace },
    sectorSize: number,
  ) {
    const others = sources.map(({ root, identity, excludes }) => {
      const tree = sentView(new TreeNames(volume, root), excludes);
      const names = new Namespace(undefined, tree);
      names.advance(Number.MAX_SAFE_INTEGER);
      return { identity, tree, names };
    });
    const tree = sentView(new TreeNames(volume, self.root), self.excludes);
    this.#sources = [...others, { identity: self.identity, tree, names: self.names }];
    this.#self = others.length;
    this.#parent = parent;
    this.#sectorSize = sectorSize;
    const roots = [...sources.map(({ root }) => root), self.root];
    this.#candidates = new CloneCandidates(volume, roots, parent);
  }

  begin(path: Bytes, inode: number, item: InodeView): void {
    this.#path = path;
    this.#inode = inode;
    this.#size = item.size;
    this.#isUnsummed = (item.flags & INODE_FLAG.nodatasum) !== 0;
  }

  /** The first part of `[start, end)` of the span that can be cloned. */
  find(span: Spans, start: number, end: number): { start: number; end: number } | undefined {
    if (start % this.#sectorSize !== 0) return undefined;
    const base = span.itemStart - span.offset;
    const candidates = this.#candidates.of(span, this.#inode);
    this.#found = undefined;
    for (const candidate of candidates) {
      const from = Math.max(start, base + candidate.offset);
      const to = Math.min(end, base + candidate.offset + candidate.length);
      const found = this.#found as { start: number; end: number } | undefined;
      const isBetter =
        found === undefined || from < found.start || (from === found.start && to > found.end);
      if (from < to && isBetter) this.#try(candidate, base, from, to, start);
      if (this.#isWhole(start, end)) break;
    }
    return this.#found;
  }

  /** None that comes can be better. */
  #isWhole(start: number, end: number): boolean {
    return this.#found?.start === start && this.#found.end === end;
  }

  /** The command for what `find` has found. */
  emit(out: Outgoing): void {
    const { source, path, from, start, end } = this.#found!;
    const { uuid, ctransid } = source.identity;
    out.clone(this.#path, start, end - start, uuid, ctransid, path, from);
  }

  /** Takes the candidate if it stands at the receiver by now and may be cloned. */
  #try(candidate: Candidate, base: number, start: number, end: number, begin: number): void {
    const { source: index, inode } = candidate;
    const source = this.#sources[index]!;
    const shift = candidate.fileOffset - candidate.offset - base;
    const isOwn = index === this.#self && inode === this.#inode;
    if (index === this.#self && !isOwn && inode > this.#inode) return;
    if (index === this.#parent && this.#isSamePlace(inode, shift)) return;
    if (isOwn && end + shift > begin) return;
    const item = source.tree.inode(inode);
    if (item === undefined || item.links === 0 || !item.isRegular) return;
    if (((item.flags & INODE_FLAG.nodatasum) !== 0) !== this.#isUnsummed) return;
    const usable = this.#usableEnd(end, shift, item.size);
    const found = this.#found;
    if (usable <= start) return;
    if (found !== undefined && start === found.start && usable <= found.end) return;
    const path = isOwn ? this.#path : source.names.path(inode);
    if (path.length > MAX_PATH) return;
    this.#found = { source, path, from: start + shift, start, end: usable };
  }

  /** What the receiver's file has there from the parent is not sent: it cannot be meant here. */
  #isSamePlace(inode: number, shift: number): boolean {
    return inode === this.#inode && shift === 0 && this.#sources[this.#self]!.names.survives(inode);
  }

  /** Whole blocks, or up to the end of both files. */
  #usableEnd(end: number, shift: number, sourceSize: number): number {
    if (end === this.#size && end + shift === sourceSize) return end;
    const limit = Math.min(end, sourceSize - shift);
    return limit - (((limit % this.#sectorSize) + this.#sectorSize) % this.#sectorSize);
  }
}
