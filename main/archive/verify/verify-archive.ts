import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DendroError, noteOfError } from '../../../shared/errors.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { ArchiveProblem, ArchiveVerdict } from '../../../shared/model/archive.ts';
import type { VerbContext } from '../../engine/context.ts';
import type { Secrets } from '../folder/keys.ts';
import { filesOf, isSame, openArchive } from '../folder/archive.ts';
import { fileHash } from '../folder/file-hash.ts';
import { INDEX_SUFFIX, mayBeOurs, RESUME_SUFFIX, STREAM_SUFFIX } from '../folder/names.ts';
import type { FilePart, SourceRecord } from '../format/manifest.ts';
import type { FrameSpool } from '../index/frame-spool.ts';
import { indexStream, type IndexedStream } from '../index/index-stream.ts';
import { loadIndex, readIndexFooter } from '../index/index-file.ts';
import { openTree, type OpenTree } from '../read/open-tree.ts';
import { readTable } from '../read/frames.ts';
import { ArchiveReader, openReader, type PointRef } from '../read/reader.ts';
import { HashedSource } from '../read/stream-source.ts';
import { KeyRing } from '../format/age-header.ts';
import { whileThere } from './archive-gone.ts';
import { hashTree } from './hash-tree.ts';
import { factsApart } from './stream-facts.ts';
import { lookAtKeys } from './key-copies.ts';
import { toldTwice } from './told-twice.ts';
import { counted, noted, say, type Note } from '../../../shared/said.ts';

interface Fault {
  readonly code: string;
  readonly message: Note;
}

export interface VerifyArchiveInput {
  readonly folder: string;
  readonly secrets?: Secrets;
  /**
   * - quick: files are there with their sizes, the manifest fits, each increment has its parent.
   *   Needs no key.
   * - full: every byte: hashes of files and streams, frames, commands, indexes, and the content
   *   of every file of every point.
   * - chain: indexes only: each chain replays into a whole tree.
   */
  readonly level: 'quick' | 'full' | 'chain';
}

/**
 * Looks whether an archive is whole. Goes on after each problem; says what it spoils.
 * @throws Io 'archive-gone'
 */
export async function verifyArchive(
  input: VerifyArchiveInput,
  context: VerbContext,
): Promise<ArchiveVerdict> {
  return whileThere(
    input.folder,
    () => verified(input, context),
    ({ problems }) => problems.length > 0,
  );
}

async function verified(input: VerifyArchiveInput, context: VerbContext): Promise<ArchiveVerdict> {
  const reader =
    input.level === 'quick'
      ? new ArchiveReader(openArchive(input.folder), new KeyRing([]))
      : await openReader(input.folder, input.secrets);
  try {
    return await new Verification(reader, input, context).run();
  } finally {
    reader.close();
  }
}

class Verification {
  readonly #reader: ArchiveReader;
  readonly #level: VerifyArchiveInput['level'];
  readonly #secrets: Secrets;
  readonly #context: VerbContext;
  readonly #problems: ArchiveProblem[] = [];
  /** Points with something wrong in their own files. */
  readonly #bad = new Set<PointRef['point']>();
  readonly #notes: Note[] = [];
  #bytes = 0;
  #files = 0;

  constructor(reader: ArchiveReader, input: VerifyArchiveInput, context: VerbContext) {
    this.#reader = reader;
    this.#level = input.level;
    this.#secrets = input.secrets ?? {};
    this.#context = context;
  }

  async run(): Promise<ArchiveVerdict> {
    const { all } = this.#reader;
    for (const source of this.#reader.archive.manifest.sources) this.#strangers(source);
    await this.#described();
    for (const ref of all) {
      this.#context.cancel.check();
      this.#quick(ref);
      if (this.#level === 'full') await this.#guard(ref, true, () => this.#full(ref));
      if (this.#level === 'chain') await this.#guard(ref, false, () => this.#identity(ref));
    }
    if (this.#level !== 'quick') for (const ref of this.#tips()) await this.#replay(ref);
    const whole = all.filter((ref) => this.#isWhole(ref));
    return {
      level: this.#level,
      points: all.length,
      wholePoints: whole.length,
      bytes: this.#bytes,
      files: this.#files,
      problems: this.#problems,
      notes: [...this.#reader.notes, ...this.#notes],
    };
  }

  /** Without what the stream says itself, each of two that differ may be the right one. */
  async #described(): Promise<void> {
    const { archive } = this.#reader;
    const described = toldTwice(archive);
    const keys = await lookAtKeys(archive, this.#secrets);
    this.#notes.push(...described.notes, ...keys.notes);
    for (const { code, file, message, spoiled } of [...described.problems, ...keys.problems]) {
      const doubtful = this.#level === 'full' ? undefined : spoiled;
      if (doubtful !== undefined) this.#bad.add(doubtful.point);
      this.#add(code, file, message, doubtful);
    }
  }

  #quick(ref: PointRef): void {
    const { source, point } = ref;
    for (const part of point.parts) this.#size(ref, part, true);
    if (point.index !== null) this.#size(ref, point.index, false);
    const { parent } = point;
    if (parent === null || this.#reader.find(parent) !== undefined) return;
    this.#bad.add(point);
    this.#add(
      'parent-missing',
      `${source.folder}/${point.parts[0]!.file}`,
      noted('base-not-in-archive', 'The point that this one builds on is not in the archive.'),
      ref,
    );
  }

  #size(ref: PointRef, part: FilePart, isStream: boolean): void {
    const fault = this.#faultOf(ref, part);
    if (fault === undefined) return;
    if (isStream) this.#bad.add(ref.point);
    const spoiled = isStream ? ref : undefined;
    this.#add(fault.code, `${ref.source.folder}/${part.file}`, fault.message, spoiled);
  }

  /** What can be seen of a file without reading it. */
  #faultOf({ source }: PointRef, { file, bytes }: FilePart): Fault | undefined {
    const path = join(this.#reader.archive.folder, source.folder, file);
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status === undefined)
      return { code: 'part-missing', message: noted('file-not-there', 'The file is not there.') };
    if (!status.isFile()) {
      const message = noted(
        'link-not-followed',
        'It is a link or a special file, which are not followed.',
      );
      return { code: 'not-a-file', message };
    }
    if (status.size === bytes) return undefined;
    const message = noted(
      'file-size',
      say`The file has ${{ found: status.size }} bytes instead of ${{ bytes }}.`,
    );
    return { code: 'part-size', message };
  }

  async #full(ref: PointRef): Promise<void> {
    const { source, point } = ref;
    for (const part of point.parts) this.#hash(ref, part, true);
    if (point.index !== null) this.#hash(ref, point.index, false);
    await this.#reader.unlock([ref]);
    const stream = this.#reader.stream(ref);
    const isComplete = point.parts.every((part) => this.#faultOf(ref, part) === undefined);
    if (isComplete && readTable(stream.raw) === undefined) {
      this.#add(
        'seek-table',
        `${source.folder}/${point.parts[0]!.file}`,
        noted('frame-table', 'The table of frames at its end is damaged; the frames may be whole.'),
      );
    }
    const hashed = new HashedSource(stream.plain);
    const indexed = indexStream(hashed, this.#context.cancel, {
      isSecret: point.recipients.length > 0,
      onProgress: (bytes) => this.#report(bytes, point.name),
    });
    this.#reader.owns(indexed.index.frames);
    if (hashed.digest() !== point.plain.sha256) {
      this.#bad.add(point);
      this.#add(
        'stream-hash',
        `${source.folder}/${point.parts[0]!.file}`,
        noted('stream-not-recorded', 'The plain stream is not the one that was recorded.'),
        ref,
      );
    } else this.#facts(ref, indexed, hashed.bytes);
    if (point.index === null || this.#faultOf(ref, point.index) !== undefined) return;
    const indexFile = `${source.folder}/${point.index.file}`;
    const compare = (): void => this.#compareIndex(ref, indexed.index.frames);
    await this.#guard(ref, false, compare, indexFile);
    indexed.index.frames.close();
  }

  /** What the record says of the stream is what the stream says. */
  #facts(ref: PointRef, indexed: IndexedStream, bytes: number): void {
    const { ofRestoring, others } = factsApart(indexed, bytes, ref.point);
    const fields = [...ofRestoring, ...others];
    if (fields.length === 0) return;
    if (ofRestoring.length > 0) this.#bad.add(ref.point);
    this.#add(
      'not-as-recorded',
      `${ref.source.folder}/${ref.point.parts[0]!.file}`,
      noted(
        'not-as-recorded',
        say`The stream says something else than is recorded of it: ${{ fields: fields.join(', ') }}.`,
      ),
      ofRestoring.length > 0 ? ref : undefined,
    );
  }

  /** What the index says of itself, where the stream is not read. One that is lost is made again. */
  async #identity(ref: PointRef): Promise<void> {
    if (ref.point.index === null || this.#faultOf(ref, ref.point.index) !== undefined) return;
    await this.#reader.unlock([ref]);
    const footer = readIndexFooter(this.#reader.index(ref).plain);
    if (isSame(footer, ref.point) || footer.plainSha256 !== ref.point.plain.sha256) return;
    this.#bad.add(ref.point);
    this.#add(
      'not-as-recorded',
      `${ref.source.folder}/${ref.point.index.file}`,
      noted(
        'not-as-recorded',
        say`The stream says something else than is recorded of it: ${{ fields: 'uuid, ctransid' }}.`,
      ),
      ref,
    );
  }

  /** The index says what the stream says; hashes that were added behind are its own. */
  #compareIndex(ref: PointRef, fresh: FrameSpool): void {
    const frames = this.#reader.index(ref).plain;
    const footer = readIndexFooter(frames);
    const isOfIt = isSame(footer, ref.point) && footer.plainSha256 === ref.point.plain.sha256;
    const file = `${ref.source.folder}/${ref.point.index?.file}`;
    if (isOfIt && fresh.isBeginningOf(loadIndex(frames, footer).frames)) this.#notRecorded(file);
    else
      this.#add(
        'index-stale',
        file,
        noted('index-not-fitting', 'The index does not fit its stream.'),
      );
  }

  /** Whoever makes an index again, and is killed before its record, leaves it with another hash. */
  #notRecorded(file: string): void {
    const at = this.#problems.findIndex((one) => one.code === 'bit-rot' && one.file === file);
    if (at < 0) return;
    this.#problems.splice(at, 1);
    this.#notes.push(
      noted(
        'index-not-recorded',
        say`${{ file: printable(file) }} fits its stream, but it was written again since its hash was recorded. dendro archive rebuild-index records it.`,
      ),
    );
  }

  #hash(ref: PointRef, part: FilePart, isStream: boolean): void {
    const name = `${ref.source.folder}/${part.file}`;
    if (this.#faultOf(ref, part) !== undefined) return;
    const fault = this.#faultInside(join(this.#reader.archive.folder, name), part);
    if (fault === undefined) return;
    if (isStream) this.#bad.add(ref.point);
    this.#add(fault.code, name, fault.message, isStream ? ref : undefined);
  }

  #faultInside(path: string, part: FilePart): Fault | undefined {
    try {
      if (this.#sha256(path) === part.sha256) return undefined;
      const message = noted('file-hash', 'The file is not what was written: its hash differs.');
      return { code: 'bit-rot', message };
    } catch (error) {
      if (!(error instanceof DendroError) || error.code !== 'part-unreadable') throw error;
      return { code: error.code, message: noteOfError(error) };
    }
  }

  /** Points that no other builds on: their chains pass all others. */
  #tips(): PointRef[] {
    const { all } = this.#reader;
    return all.filter(
      ({ point }) =>
        !all.some((one) => one.point.parent !== null && isSame(one.point.parent, point)),
    );
  }

  async #replay(ref: PointRef): Promise<void> {
    await this.#guard(ref, true, async () => {
      await this.#reader.unlock(this.#reader.closureOf(ref));
      openTree(this.#reader, ref, this.#context.cancel, (open) => {
        this.#names(open);
        if (this.#level !== 'full') return;
        const { files, unhashed, wrong } = hashTree(open, this.#context.cancel);
        this.#files += files;
        if (unhashed > 0) this.#notes.push(notHashed(open.ref, unhashed));
        for (const { path, message } of wrong) {
          this.#add(
            'file-content',
            `${open.ref.source.folder}/${open.ref.point.name}`,
            noted('file-problem', say`${{ path }}: ${{ reason: message }}`),
            open.ref,
          );
        }
      });
    });
  }

  #names({ ref, tree }: OpenTree): void {
    const { source, point } = ref;
    if (point.names === null || point.names === tree.names) return;
    this.#add(
      'not-as-recorded',
      `${source.folder}/${point.parts[0]!.file}`,
      noted(
        'names-counted',
        say`It holds ${{ found: tree.names }} names instead of ${{ recorded: point.names }}.`,
      ),
    );
  }

  async #guard(
    ref: PointRef,
    isStream: boolean,
    run: () => void | Promise<void>,
    readFile = `${ref.source.folder}/${ref.point.parts[0]!.file}`,
  ): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof DendroError) || error.kind === 'Cancelled' || error.kind === 'Bug')
        throw error;
      if (error.code === 'wrong-key') throw error;
      if (isStream) this.#bad.add(ref.point);
      const { path } = error.place;
      const file = path === undefined ? readFile : this.#nameOf(path);
      this.#add(error.code, file, noteOfError(error), isStream ? ref : undefined);
    }
  }

  /** As a point names its files, where it is one of the archive's. */
  #nameOf(path: string): string {
    const folder = `${printable(this.#reader.archive.folder)}/`;
    return path.startsWith(folder) ? path.slice(folder.length) : path;
  }

  #isWhole(ref: PointRef): boolean {
    try {
      return this.#reader.closureOf(ref).every(({ point }) => !this.#bad.has(point));
    } catch {
      return false;
    }
  }

  #add(code: string, file: string, message: Note, spoiled?: PointRef): void {
    if (
      this.#problems.some(
        (one) => one.code === code && one.file === file && one.message.text === message.text,
      )
    )
      return;
    const spoils = spoiled === undefined ? [] : this.#dependents(spoiled);
    this.#problems.push({ code, file, message, spoils });
  }

  /** The point itself and all that build on it. */
  #dependents(ref: PointRef): string[] {
    return this.#reader.all
      .filter((one) => one.point === ref.point || this.#buildsOn(one, ref))
      .map(({ source, point }) => `${source.folder}/${point.name}`);
  }

  #buildsOn(one: PointRef, ref: PointRef): boolean {
    try {
      return this.#reader.closureOf(one).some(({ point }) => point === ref.point);
    } catch {
      return false;
    }
  }

  /** Files that no point lists: left by a crash, or somebody else's. */
  #strangers({ folder, points }: SourceRecord): void {
    const listed = new Set(points.flatMap((point) => filesOf(point)));
    const inside = join(this.#reader.archive.folder, folder);
    const names = existsSync(inside) ? readdirSync(inside).filter(mayBeOurs) : [];
    const unfinished = names
      .filter((name) => name.endsWith(RESUME_SUFFIX))
      .map((name) => name.slice(0, -RESUME_SUFFIX.length));
    for (const name of names) {
      const isOurs = name.includes(STREAM_SUFFIX) || name.includes(INDEX_SUFFIX);
      if (!isOurs || listed.has(name) || unfinished.some((base) => name.startsWith(`${base}.`)))
        continue;
      this.#add(
        'not-listed',
        `${folder}/${name}`,
        noted(
          'file-not-listed',
          'No restore point lists this file; dendro archive rebuild-index takes a stream in.',
        ),
      );
    }
  }

  #sha256(path: string): string {
    return fileHash(path, (bytes) => {
      this.#context.cancel.check();
      this.#bytes += bytes;
      this.#report(0, printable(path));
    }).sha256;
  }

  #report(more: number, current: string): void {
    const bytes = this.#bytes + more;
    this.#context.progress({
      step: 'verify',
      bytes,
      totalBytes: null,
      files: this.#files,
      totalFiles: null,
      current,
    });
  }
}

/** Nothing is wrong with it; but less was looked at than of others. */
function notHashed({ source, point }: PointRef, files: number): Note {
  const name = printable(`${source.folder}/${point.name}`);
  return noted(
    'files-not-hashed',
    say`"${{ name }}": ${{ files }} ${counted(files, 'file has', 'files have')} no hash: only that of the whole stream was compared.`,
  );
}
