import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { conflict, corrupt, DendroError } from '../../../shared/errors.ts';
import { say, type Note } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { headerLength, KeyRing, MAX_HEADER_BYTES } from '../format/age-header.ts';
import type { FilePart, Identity, PointRecord, SourceRecord } from '../format/manifest.ts';
import { isSame, openArchive, type Archive } from '../folder/archive.ts';
import { openKeys, type Secrets } from '../folder/keys.ts';
import type { StreamRef } from '../tree/stream-ref.ts';
import { AgeSource } from './age-source.ts';
import { FrameReader, SharedFrames } from './frames.ts';
import { isDamage } from './damage.ts';
import { PartsSource, type RandomSource } from './parts.ts';

/** A restore point and the source that it belongs to. */
export interface PointRef {
  readonly source: SourceRecord;
  readonly point: PointRecord;
}

interface Unlocked {
  readonly headerBytes: number;
  readonly fileKey: Buffer;
}

interface KeptFrames {
  readonly bytes?: number | undefined;
  readonly shared: SharedFrames;
}

interface StoredFile {
  readonly path: string;
  readonly bytes: number;
}

/** An open stream file; its frames are read when somebody asks for them. */
export class OpenStream implements StreamRef {
  readonly name: string;
  readonly parts: PartsSource;
  readonly #unlocked: Unlocked | DendroError | undefined;
  readonly #kept: KeptFrames;
  #frames: FrameReader | undefined;

  /**
   * @param unlocked what opens an encrypted one, or why it cannot be opened.
   * @param kept see `FrameReader`
   */
  constructor(
    name: string,
    files: readonly StoredFile[],
    unlocked: Unlocked | DendroError | undefined,
    kept: KeptFrames,
  ) {
    this.name = name;
    const sizes = files.map(({ bytes }) => bytes);
    this.parts = new PartsSource(
      files.map(({ path }) => path),
      sizes,
    );
    this.#unlocked = unlocked;
    this.#kept = kept;
  }

  get plain(): FrameReader {
    const { bytes, shared } = this.#kept;
    return (this.#frames ??= new FrameReader(this.#source(), this.name, bytes, shared));
  }

  /** The zstd file, decrypted where it is encrypted. */
  get raw(): RandomSource {
    return this.#source();
  }

  close(): void {
    this.parts.close();
  }

  #source(): RandomSource {
    if (this.#unlocked === undefined) return this.parts;
    if (this.#unlocked instanceof DendroError) throw this.#unlocked;
    return new AgeSource(this.parts, this.#unlocked.headerBytes, this.#unlocked.fileKey, this.name);
  }
}

/** Files that are tried, to tell a wrong key from a damaged file. */
const OTHERS_TRIED = 4;

/** Reads the stream files and indexes of one archive. */
export class ArchiveReader {
  readonly archive: Archive;
  /** What a person should know. */
  readonly notes: Note[];
  readonly #keys: KeyRing;
  /** What opens each encrypted file, or why it cannot be opened. */
  readonly #unlocked = new Map<string, Unlocked | DendroError>();
  readonly #streams = new Map<PointRecord, OpenStream>();
  readonly #indexes = new Map<PointRecord, OpenStream>();
  /** Of streams that are not there any more. */
  #bytesForgotten = 0;
  readonly #trees: { close(): void }[] = [];
  readonly #frames = new SharedFrames();

  constructor(archive: Archive, keys: KeyRing) {
    this.archive = archive;
    this.notes = [...archive.notes];
    this.#keys = keys;
  }

  /** Bytes read from stream files and indexes so far. */
  get bytesRead(): number {
    const open = [...this.#streams.values(), ...this.#indexes.values()];
    return open.reduce((sum, { parts }) => sum + parts.bytesRead, this.#bytesForgotten);
  }

  /** Gets the file keys of these points; once done, all reading is synchronous. */
  async unlock(refs: readonly PointRef[]): Promise<void> {
    for (const { source, point } of refs) {
      if (point.recipients.length === 0) continue;
      await this.#unlock(source, point.parts[0]!.file);
      if (point.index !== null) await this.#unlock(source, point.index.file);
    }
  }

  /** A file of it that is missing is met when it is read. */
  stream({ source, point }: PointRef): OpenStream {
    let stream = this.#streams.get(point);
    if (stream === undefined) {
      stream = this.#open(source, point.parts);
      this.#streams.set(point, stream);
    }
    return stream;
  }

  /** @throws Corrupt 'index-missing' */
  index({ source, point }: PointRef): OpenStream {
    let stream = this.#indexes.get(point);
    if (stream === undefined) {
      if (point.index === null) throw noIndex(point);
      // Read from its start to its end, which says whether it is whole, and of which stream.
      stream = this.#open(source, [this.#asItIs(source, point.index)], 0);
      this.#indexes.set(point, stream);
    }
    return stream;
  }

  /** Every point of the archive. */
  get all(): PointRef[] {
    return pointsOf(this.archive);
  }

  find(identity: Identity): PointRef | undefined {
    return this.all.find(({ point }) => isSame(point, identity));
  }

  /** Full stream first, the point itself last. @throws Conflict 'chain-broken' */
  chainOf(ref: PointRef): PointRef[] {
    const chain: PointRef[] = [];
    for (let at: PointRef | undefined = ref; at !== undefined;) {
      if (chain.includes(at)) throw chainBroken(ref.point, 'goes in a circle');
      chain.push(at);
      const { parent }: PointRecord = at.point;
      if (parent === null) return chain.reverse();
      const below: PointRef | undefined = this.#parentOf(at.source, parent);
      at = chain.find(({ point }) => point === below?.point) ?? below;
    }
    const name = printable(chain.at(-1)!.point.name);
    throw chainBroken(ref.point, `"${name}" builds on a snapshot that is not in the archive`);
  }

  /** Of a folder and its copy each goes by its own files. */
  #parentOf(source: SourceRecord, parent: Identity): PointRef | undefined {
    const point = source.points.find((one) => isSame(one, parent));
    return point === undefined ? this.find(parent) : { source, point };
  }

  /** All points whose streams a reader of this one may need: its chain, and what that clones from. */
  closureOf(ref: PointRef): PointRef[] {
    const needed = new Set<PointRecord>();
    const refs: PointRef[] = [];
    const queue = this.chainOf(ref);
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (needed.has(next.point)) continue;
      needed.add(next.point);
      refs.push(next);
      for (const identity of next.point.cloneSources) {
        const source = this.find(identity);
        if (source !== undefined) queue.push(...this.chainOf(source));
      }
    }
    return refs;
  }

  /** Is closed together with this. */
  owns(tree: { close(): void }): void {
    this.#trees.push(tree);
  }

  /** What `use` opens is closed behind it: of many trees, one after the other, one has memory. */
  async closing<T>(use: () => Promise<T>): Promise<T> {
    const before = this.#trees.length;
    try {
      return await use();
    } finally {
      for (const tree of this.#trees.splice(before)) tree.close();
    }
  }

  /** Its files are gone: held open, they would keep their room on the drive. */
  forget(point: PointRecord): void {
    for (const open of [this.#streams, this.#indexes]) {
      const stream = open.get(point);
      if (stream === undefined) continue;
      this.#bytesForgotten += stream.parts.bytesRead;
      stream.close();
      open.delete(point);
    }
  }

  close(): void {
    for (const tree of this.#trees) tree.close();
    for (const stream of [...this.#streams.values(), ...this.#indexes.values()]) stream.close();
  }

  /** An index may have been written again since it was recorded. */
  #asItIs({ folder }: SourceRecord, part: FilePart): FilePart {
    const path = join(this.archive.folder, folder, part.file);
    const status = lstatSync(path, { throwIfNoEntry: false });
    return status?.isFile() === true ? { ...part, bytes: status.size } : part;
  }

  #open(source: SourceRecord, parts: readonly FilePart[], keptBytes?: number): OpenStream {
    const files = parts.map(({ file, bytes }) => ({
      path: join(this.archive.folder, source.folder, file),
      bytes,
    }));
    const name = `${source.folder}/${parts[0]!.file}`;
    const kept = { bytes: keptBytes, shared: this.#frames };
    return new OpenStream(name, files, this.#unlocked.get(name), kept);
  }

  /** A file that is missing or whose head is damaged is met again, and named, when it is read. */
  async #unlock(source: SourceRecord, file: string): Promise<void> {
    const name = `${source.folder}/${file}`;
    if (this.#unlocked.has(name)) return;
    try {
      this.#unlocked.set(name, await this.#opened(name));
    } catch (error) {
      const isWrong = error instanceof DendroError && error.code === 'wrong-key';
      const damage = isWrong && (await this.#opensOthers(name)) ? headDamaged(error) : error;
      if (!isDamage(damage)) throw placed(error, name);
      this.#unlocked.set(name, placed(damage, name));
    }
  }

  async #opened(name: string): Promise<Unlocked> {
    const parts = new PartsSource([join(this.archive.folder, name)]);
    try {
      const start = parts.read(0, Math.min(MAX_HEADER_BYTES, parts.size));
      const headerBytes = headerLength(start);
      const fileKey = await this.#keys.fileKey(start.subarray(0, headerBytes));
      return { headerBytes, fileKey };
    } finally {
      parts.close();
    }
  }

  /** Keys that open other files are right: it is the file that is wrong. */
  async #opensOthers(name: string): Promise<boolean> {
    if ([...this.#unlocked.values()].some((one) => !(one instanceof DendroError))) return true;
    const sealed = this.all.filter(({ point }) => point.recipients.length > 0);
    const names = sealed.map(({ source, point }) => `${source.folder}/${point.parts[0]!.file}`);
    for (const other of names.filter((one) => one !== name).slice(0, OTHERS_TRIED)) {
      try {
        await this.#opened(other);
        return true;
      } catch (error) {
        if (!(error instanceof DendroError)) throw error;
      }
    }
    return false;
  }
}

export function pointsOf({ manifest }: Archive): PointRef[] {
  return manifest.sources.flatMap((source) => source.points.map((point) => ({ source, point })));
}

/** @throws Conflict, Corrupt */
export async function openReader(folder: string, secrets: Secrets = {}): Promise<ArchiveReader> {
  const archive = openArchive(folder);
  return new ArchiveReader(archive, await openKeys(folder, archive.manifest, secrets));
}

/** One that needs no key, and so nothing to wait for. @throws Conflict 'archive-encrypted' */
export function openUnsealed(folder: string): ArchiveReader {
  const archive = openArchive(folder);
  if (archive.manifest.encryption !== null) throw sealed(folder);
  return new ArchiveReader(archive, new KeyRing([]));
}

function sealed(folder: string): DendroError {
  return conflict('archive-encrypted', say`"${{ folder: printable(folder) }}" is encrypted.`, {
    hint: 'Give an identity or the passphrase.',
    place: { path: printable(folder) },
  });
}

function headDamaged(cause: DendroError): DendroError {
  return corrupt('age-header', 'The head of an encrypted file is damaged.', {
    hint: 'The keys open other files of the archive, but not this one; take it from another copy.',
    cause,
  });
}

function placed<E>(error: E, path: string): E | DendroError {
  if (!(error instanceof DendroError)) return error;
  const { kind, code, message, hint, place: known, values } = error;
  const place = { path, ...known };
  return new DendroError(kind, code, message, { hint, place, values, cause: error });
}

function noIndex(point: PointRecord): DendroError {
  return corrupt('index-missing', say`There is no index of "${{ name: printable(point.name) }}".`, {
    hint: 'Make it again: dendro archive rebuild-index',
  });
}

function chainBroken(point: PointRecord, why: string): DendroError {
  return conflict(
    'chain-broken',
    say`"${{ name: printable(point.name) }}" cannot be restored: ${{ why }}.`,
    {
      hint: 'Bring the missing stream file back, or restore a point whose chain is whole.',
      place: { path: printable(point.name) },
    },
  );
}
