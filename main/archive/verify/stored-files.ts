import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DendroError, noteOfError } from '../../../shared/errors.ts';
import { noted, say, type Note } from '../../../shared/said.ts';
import { filesOf } from '../folder/archive.ts';
import { fileHash } from '../folder/file-hash.ts';
import { INDEX_SUFFIX, isListedAs, mayBeOurs, STREAM_SUFFIX } from '../folder/names.ts';
import type { FilePart, SourceRecord } from '../format/manifest.ts';
import type { ArchiveReader, PointRef } from '../read/reader.ts';
import { unfinishedIn } from '../write/unfinished.ts';
import { streamFile, type Findings } from './findings.ts';

interface Fault {
  readonly code: string;
  readonly message: Note;
}

/** The files of an archive as files: which there are, their sizes, and their bytes. */
export class StoredFiles {
  readonly #reader: ArchiveReader;
  readonly #findings: Findings;
  readonly #onRead: (path: string, bytes: number) => void;

  /** @param onRead told of each piece of a file that is read */
  constructor(
    reader: ArchiveReader,
    findings: Findings,
    onRead: (path: string, bytes: number) => void,
  ) {
    this.#reader = reader;
    this.#findings = findings;
    this.#onRead = onRead;
  }

  /** Files that no point lists: left by a crash, or somebody else's. */
  strangers({ folder, points }: SourceRecord): void {
    const inside = join(this.#reader.archive.folder, folder);
    const names = existsSync(inside) ? readdirSync(inside).filter(mayBeOurs) : [];
    const begun = unfinishedIn(inside);
    // What a new stream has replaced goes with its note.
    const replaced = begun.flatMap(({ replaces }) => replaces);
    const listed = new Set([...points.flatMap((point) => filesOf(point)), ...replaced]);
    const isListed = (name: string): boolean =>
      listed.has(name) || [...listed].some((one) => isListedAs(name, one, names));
    for (const name of names) {
      const isOurs = name.includes(STREAM_SUFFIX) || name.includes(INDEX_SUFFIX);
      const isBegun = begun.some(({ base }) => name.startsWith(`${base}.`));
      if (!isOurs || isBegun || isListed(name)) continue;
      this.#findings.add(
        'not-listed',
        `${folder}/${name}`,
        noted(
          'file-not-listed',
          'No restore point lists this file; dendro archive rebuild-index takes a stream in.',
        ),
      );
    }
  }

  /** Without reading them: that the files are there, and what the point builds on. */
  look(ref: PointRef): void {
    const { point } = ref;
    for (const part of point.parts) this.#found(ref, part, true, this.faultOf(ref, part));
    if (point.index !== null) this.#found(ref, point.index, false, this.faultOf(ref, point.index));
    const { parent } = point;
    if (parent === null || this.#reader.find(parent) !== undefined) return;
    this.#findings.addOf(
      ref,
      'parent-missing',
      streamFile(ref),
      noted('base-not-in-archive', 'The point that this one builds on is not in the archive.'),
    );
  }

  /** Every byte of them. */
  hash(ref: PointRef): void {
    const { parts, index } = ref.point;
    for (const part of parts) this.#hash(ref, part, true);
    if (index !== null) this.#hash(ref, index, false);
  }

  /** What can be seen of a file without reading it. */
  faultOf({ source }: PointRef, { file, bytes }: FilePart): Fault | undefined {
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

  #hash(ref: PointRef, part: FilePart, isStream: boolean): void {
    if (this.faultOf(ref, part) !== undefined) return;
    const path = join(this.#reader.archive.folder, ref.source.folder, part.file);
    this.#found(ref, part, isStream, this.#faultInside(path, part));
  }

  #faultInside(path: string, part: FilePart): Fault | undefined {
    try {
      if (fileHash(path, (bytes) => this.#onRead(path, bytes)).sha256 === part.sha256)
        return undefined;
      const message = noted('file-hash', 'The file is not what was written: its hash differs.');
      return { code: 'bit-rot', message };
    } catch (error) {
      if (!(error instanceof DendroError) || error.code !== 'part-unreadable') throw error;
      return { code: error.code, message: noteOfError(error) };
    }
  }

  /** An index can be made again. */
  #found(ref: PointRef, { file }: FilePart, isStream: boolean, fault: Fault | undefined): void {
    if (fault === undefined) return;
    const name = `${ref.source.folder}/${file}`;
    this.#findings.addOf(isStream ? ref : undefined, fault.code, name, fault.message);
  }
}
