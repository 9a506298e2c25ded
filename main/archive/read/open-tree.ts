import type { CancelToken } from '../../engine/cancel.ts';
import { conflict, DendroError } from '../../../shared/errors.ts';
import { noted, say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { exactly, type Identity } from '../format/manifest.ts';
import { loadIndex, readIndexFooter, type LoadedIndex } from '../index/index-file.ts';
import { indexStream } from '../index/index-stream.ts';
import type { ForeignSource } from '../index/index-writer.ts';
import type { ContentVersion } from '../tree/inode.ts';
import type { DueFiles } from '../tree/due-files.ts';
import { replayFrame } from '../tree/replay.ts';
import { ContentResolver } from '../tree/resolve.ts';
import { ArchiveTree, shown } from '../tree/tree.ts';
import type { ArchiveReader, PointRef } from './reader.ts';
import { streamSource } from './stream-source.ts';

export interface OpenTree {
  readonly ref: PointRef;
  readonly tree: ArchiveTree;
  readonly resolver: ContentResolver;
  /** The files that this stream changed in part, where `dueOf` wants to know. */
  readonly due?: DueFiles | undefined;
  /** Of the last operation of this stream's index; '' where it has none. */
  readonly lastPath: string;
}

/** Called when the tree is as the point was, before the next stream of the chain changes it. */
export type OnPoint = (open: OpenTree) => void;

export interface OpenTreeHooks {
  readonly onPoint?: OnPoint;
  /** Called before the first stream of the chain. */
  readonly onBegin?: (tree: ArchiveTree) => void;
  /** What is to be told which files a stream of the chain changes in part. */
  readonly dueOf?: (ref: PointRef) => DueFiles | undefined;
}

/**
 * The tree of a point: the indexes of its chain laid over one another. Its file keys must have
 * been got (`unlock`). An index that is lost, damaged or of another stream is made again in
 * memory, from the stream, and said so in the reader's notes.
 * @throws Conflict 'chain-broken'; Corrupt, Io: which file, and what is wrong with it
 */
export function openTree(
  reader: ArchiveReader,
  ref: PointRef,
  cancel: CancelToken,
  hooks: OpenTreeHooks = {},
): OpenTree {
  return new Overlay(reader, cancel).open(ref, hooks);
}

/**
 * The same, to be closed by the caller, without what a list of names does not want: where the bytes of files stand, and their
 * hashes. It takes half the memory, and needs no stream that data is cloned from.
 * @throws as `openTree`
 */
export function openNames(reader: ArchiveReader, ref: PointRef, cancel: CancelToken): ArchiveTree {
  const chain = reader.chainOf(ref);
  const indexes = chain.map((link) => [link, indexOf(reader, link, cancel)] as const);
  const tree = new ArchiveTree({ isNamesOnly: true, isSecret: chain.some(isSealed) });
  try {
    for (const [link, { frames }] of indexes) {
      for (const frame of frames) {
        cancel.check();
        replayFrame(tree, frame, { stream: reader.stream(link), foreign: noContent });
      }
    }
    return tree;
  } catch (error) {
    tree.close();
    throw error;
  }
}

class Overlay {
  readonly #reader: ArchiveReader;
  readonly #cancel: CancelToken;
  readonly #resolver: ContentResolver;
  /** Files of points of this and of other chains that are cloned from. */
  readonly #versions = new Map<string, ContentVersion>();
  readonly #opening = new Set<string>();

  constructor(reader: ArchiveReader, cancel: CancelToken) {
    this.#reader = reader;
    this.#cancel = cancel;
    const isSecret = reader.archive.manifest.encryption !== null;
    this.#resolver = new ContentResolver({ isSecret });
    reader.owns(this.#resolver);
  }

  open(ref: PointRef, { onPoint, onBegin, dueOf }: OpenTreeHooks): OpenTree {
    const chain = this.#reader.chainOf(ref);
    const indexes = chain.map((link) => indexOf(this.#reader, link, this.#cancel));
    const wanted = wantedFiles(indexes);
    const inChain = new Set(chain.map(({ point }) => exactly(point)));
    this.#openOthers(wanted, inChain);
    const tree = new ArchiveTree({ isSecret: chain.some(isSealed) });
    this.#reader.owns(tree);
    onBegin?.(tree);
    let lastPath = '';
    chain.forEach((link, i) => {
      this.#cancel.check();
      const due = dueOf?.(link);
      lastPath = this.#replay(tree, link, indexes[i]!, due);
      this.#keepVersions(tree, link, wanted);
      onPoint?.({ ref: link, tree, resolver: this.#resolver, due, lastPath });
    });
    return { ref, tree, resolver: this.#resolver, lastPath };
  }

  #replay(tree: ArchiveTree, link: PointRef, index: LoadedIndex, due?: DueFiles): string {
    let lastPath = '';
    const stream = this.#reader.stream(link);
    const foreign = (number: number): ContentVersion => this.#foreign(index.foreign[number]);
    for (const frame of index.frames) {
      this.#cancel.check();
      lastPath = replayFrame(tree, frame, { stream, foreign, due });
    }
    return lastPath;
  }

  #foreign(source: ForeignSource | undefined): ContentVersion {
    const version = source && this.#versions.get(versionKey(source, source.path));
    if (version !== undefined) return version;
    throw conflict(
      'clone-source-missing',
      say`A stream takes data from "${{ path: shown(source?.path ?? '') }}" of a snapshot that is not in the archive.`,
      { hint: 'Import that snapshot as well, or send again without clone sources (-c).' },
    );
  }

  #keepVersions(
    tree: ArchiveTree,
    { point }: PointRef,
    wanted: ReadonlyMap<string, ReadonlySet<string>>,
  ): void {
    for (const path of wanted.get(exactly(point)) ?? []) {
      const inode = tree.find(path);
      if (inode !== undefined) this.#versions.set(versionKey(point, path), inode.version);
    }
  }

  /** Clone sources outside of the chain: their own chains are gone through first. */
  #openOthers(
    wanted: ReadonlyMap<string, ReadonlySet<string>>,
    inChain: ReadonlySet<string>,
  ): void {
    for (const [key, paths] of wanted) {
      if (inChain.has(key) || this.#opening.has(key)) continue;
      const [uuid, ctransid] = key.split('@');
      const ref = this.#reader.find({ uuid: uuid!, ctransid: Number(ctransid) });
      if (ref === undefined) continue;
      this.#opening.add(key);
      const onPoint: OnPoint = ({ ref: { point }, tree }) =>
        this.#keepVersions(tree, { source: ref.source, point }, new Map([[key, paths]]));
      this.open(ref, { onPoint });
    }
  }
}

/** The index of a stream: the file beside it when that is whole and belongs to it. */
export function indexOf(reader: ArchiveReader, ref: PointRef, cancel: CancelToken): LoadedIndex {
  const { point } = ref;
  try {
    const frames = reader.index(ref).plain;
    const footer = readIndexFooter(frames);
    if (footer.plainSha256 === point.plain.sha256) return loadIndex(frames, footer);
    note(reader, ref, 'index-of-another', 'belongs to another stream');
  } catch (error) {
    if (!(error instanceof DendroError) || error.kind === 'Cancelled') throw error;
    note(reader, ref, 'index-not-read', 'is missing or damaged');
  }
  const { index } = indexStream(streamSource(reader.stream(ref).plain), cancel, {
    isSecret: isSealed(ref),
  });
  reader.owns(index.frames);
  return index;
}

function isSealed({ point }: PointRef): boolean {
  return point.recipients.length > 0;
}

function noContent(): never {
  throw new Error('names have no content');
}

function note(
  reader: ArchiveReader,
  { point }: PointRef,
  code: 'index-of-another' | 'index-not-read',
  what: string,
): void {
  const name = printable(point.name);
  const told = noted(
    code,
    say`The index of "${{ name }}" ${what}: the whole stream is read instead. Run dendro archive rebuild-index.`,
  );
  if (!reader.notes.some(({ text }) => text === told.text)) reader.notes.push(told);
}

/** By snapshot: the paths in it that some stream of the chain clones from. */
function wantedFiles(indexes: readonly LoadedIndex[]): Map<string, Set<string>> {
  const wanted = new Map<string, Set<string>>();
  for (const { foreign } of indexes) {
    for (const source of foreign) {
      const key = exactly(source);
      let paths = wanted.get(key);
      if (paths === undefined) wanted.set(key, (paths = new Set()));
      paths.add(source.path);
    }
  }
  return wanted;
}

function versionKey(identity: Identity, path: string): string {
  return `${exactly(identity)} ${path}`;
}
