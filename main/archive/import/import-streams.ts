import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { conflict, corrupt, DendroError, noteOfError } from '../../../shared/errors.ts';
import { noted, say, type Note } from '../../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { VerbContext } from '../../engine/context.ts';
import { decodeStream } from '../../engine/stream/decode.ts';
import { openToWrite, type WritableArchive } from '../export/prepare.ts';
import { isSame, saveArchive } from '../folder/archive.ts';
import { openKeys, type EncryptionRequest, type Secrets } from '../folder/keys.ts';
import { fileBytesOf, type PointRecord } from '../format/manifest.ts';
import { fillHashes } from './fill-hashes.ts';
import { StreamImport, type ImportedPoint } from './stream-import.ts';
import { isSealed, namesIn, openInput, partsOf, readSidecar } from './open-input.ts';
import { behind, fileTimes, likelyTime } from './taken-at.ts';
import { isKey, openSealed } from './unseal.ts';

export interface ImportInput {
  /** Absolute path of the archive; it is made when it is empty or not there. */
  readonly folder: string;
  /** Absolute paths of stream files, or of folders with some; older ones first where it matters. */
  readonly files: readonly string[];
  /** The source that they belong to; default: a source of the folder's name that they lie in. */
  readonly source?: string;
  readonly nowMs: number;
  readonly level?: number;
  readonly encryption?: EncryptionRequest;
  readonly secrets?: Secrets;
  /** Takes of a stream that is damaged or cut short what comes before that. */
  readonly takeCut?: boolean;
}

export interface ImportSummary {
  readonly imported: readonly ImportedPoint[];
  /** Of `imported`: those of which only the beginning was there, and why. */
  readonly cut: readonly { readonly file: string; readonly message: Note }[];
  /** Files that hold nothing new. */
  readonly known: readonly string[];
  /** Files that could not be imported, and why; the others were. */
  readonly failures: readonly {
    readonly file: string;
    readonly code: string;
    readonly message: Note;
  }[];
  readonly notes: readonly Note[];
}

const STREAM_NAME = /\.btrfs(\.(zst|zstd|gz|xz|bz2|lz4|lzo))?(\.gpg)?(\.split_aa)?$/;

/**
 * Takes stream files of other tools into an archive: of `btrfs send`, plain or packed, and raw
 * backups of btrbk with their sidecars. The streams stay as they are, byte for byte; each
 * subvolume of a file with several becomes a point of its own.
 */
export async function importStreams(
  input: ImportInput,
  context: VerbContext,
): Promise<ImportSummary> {
  const archive = await openToWrite(input.folder, input.nowMs, input.encryption);
  const imported: ImportedPoint[] = [];
  const known: string[] = [];
  const cut: { file: string; message: Note }[] = [];
  const failures: ImportSummary['failures'][number][] = [];
  const notes: Note[] = [...archive.notes];
  try {
    for (const file of streamFiles(input.files)) {
      try {
        const points = await importFile(archive, file, input, context);
        imported.push(...points);
        if (points.length === 0) known.push(file);
      } catch (error) {
        const isFinal =
          !(error instanceof DendroError) ||
          ['Cancelled', 'Bug', 'Io', 'Denied'].includes(error.kind);
        if (isFinal) throw error;
        const uuid = input.takeCut === true ? cutIn.get(error) : undefined;
        const points = uuid ? await beginningOf(archive, file, input, context, uuid) : [];
        imported.push(...points);
        const failure = { file: printable(file), code: error.code, message: noteOfError(error) };
        if (points.length > 0) cut.push(failure);
        else failures.push(failure);
      }
    }
    // Also of an import that was killed before it had come to this.
    const keysOf = () => openKeys(archive.folder, archive.manifest, input.secrets ?? {});
    await fillHashes(archive, keysOf, context);
    settleTimes(archive, imported);
    notes.push(...guessedTimes(imported));
    return { imported: asTheyAre(archive, imported), cut, known, failures, notes };
  } finally {
    archive.close();
  }
}

/** Their indexes have hashes by now that they had not when they came. */
function asTheyAre(
  { manifest }: WritableArchive,
  imported: readonly ImportedPoint[],
): ImportedPoint[] {
  const all = new Map(
    manifest.sources.flatMap(({ points }) => points.map((point) => [point.uuid, point])),
  );
  return imported.map((one) => {
    const point = all.get(one.uuid);
    return point === undefined ? one : { ...one, fileBytes: fileBytesOf(point) };
  });
}

/** An increment without any change, of which the parent has come by now, is as old as that. */
function settleTimes({ folder, manifest }: WritableArchive, imported: ImportedPoint[]): void {
  const all = manifest.sources.flatMap(({ points }) => points);
  const settled: PointRecord[] = [];
  for (const [i, one] of imported.entries()) {
    const point = all.find(({ uuid, name }) => uuid === one.uuid && name === one.name);
    const below = all.find((other) => point?.parent && isSame(other, point.parent));
    if (one.timeFrom !== 'file' || point === undefined || below === undefined) continue;
    point.takenAtMs = behind(below.takenAtMs);
    imported[i] = { ...one, timeFrom: 'stream' };
    settled.push(point);
  }
  if (settled.length > 0) saveArchive(folder, manifest, settled);
}

/** Points whose time is a guess: retention goes by it. */
function guessedTimes(imported: readonly ImportedPoint[]): Note[] {
  return imported
    .filter(({ timeFrom }) => timeFrom === 'file')
    .map(({ file, source, name }) =>
      noted(
        'time-of-file',
        say`"${{ name: printable(`${source}/${name}`) }}": neither a name nor the stream says when it was taken. The time of "${{ file: printable(basename(file)) }}" is used, which may be that of a copy.`,
      ),
    );
}

/** Which snapshot had begun when a file met its end too early. */
const cutIn = new WeakMap<DendroError, string>();

/** Of a damaged file; nothing when not even its beginning can be read. */
async function beginningOf(...args: Parameters<typeof importFile>): Promise<ImportedPoint[]> {
  try {
    return await importFile(...args);
  } catch (error) {
    if (error instanceof DendroError && error.kind === 'Corrupt') return [];
    throw error;
  }
}

async function importFile(
  archive: WritableArchive,
  file: string,
  input: ImportInput,
  context: VerbContext,
  cutUuid?: string,
): Promise<ImportedPoint[]> {
  const whole = file.replace(/\.split_aa$/, '');
  const sidecar = readSidecar(whole);
  if (sidecar?.get('incomplete') === '1' && input.takeCut !== true) {
    throw corrupt('input-incomplete', say`btrbk did not finish "${{ name: printable(whole) }}".`, {
      hint: 'Let btrbk back it up again.',
    });
  }
  const names = namesIn(dirname(file)).map((name) => join(dirname(file), name));
  const parts = partsOf(whole, names);
  const { secrets = {} } = input;
  const opened =
    isSealed(parts[0]!) && isKey(secrets)
      ? await openSealed(parts, { secrets, folder: input.folder, cancel: context.cancel })
      : openInput(parts);
  const title = input.source ?? basename(dirname(file));
  const target = await StreamImport.begin({
    file,
    archive,
    title,
    nowMs: input.nowMs,
    fileTimes: fileTimes(file, sidecar?.get('file')),
    level: input.level ?? 3,
    cutUuid,
    expectedUuid: sidecar?.get('received_uuid')?.replaceAll('-', '').toLowerCase(),
  });
  try {
    const decode = cutUuid !== undefined ? decodeBeginning : decodeStream;
    decode(opened, target.sink, {
      cancel: context.cancel,
      onVersion: (version) => (target.version = version),
      onCommand: (bytes) => target.command(bytes),
      onProgress: (bytes) =>
        context.progress({
          ...{ step: 'import', bytes, totalBytes: null, files: 0, totalFiles: null },
          current: textFromBytes(Buffer.from(basename(file))),
        }),
    });
    if (cutUuid === undefined) await opened.end();
    return target.finish();
  } catch (error) {
    const uuid = target.unendedUuid;
    if (uuid !== undefined && error instanceof DendroError) cutIn.set(error, uuid);
    target.abort();
    throw error;
  } finally {
    opened.close();
  }
}

/** Up to the first command that is not whole. */
const decodeBeginning: typeof decodeStream = (source, sink, options) => {
  try {
    return decodeStream(source, sink, options);
  } catch (error) {
    if (error instanceof DendroError && error.kind === 'Corrupt') return NOTHING_MORE;
    throw error;
  }
};
const NOTHING_MORE = { bytes: 0, commands: 0, errors: 0, version: 1 };

/** Of folders: what is called as a stream; parts of split files once. In the order of time. */
function streamFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const status = statSync(Buffer.from(bytesFromText(path)), { throwIfNoEntry: false });
    if (status === undefined) {
      throw conflict('not-found', say`"${{ path: printable(path) }}" does not exist.`, {
        place: { path: printable(path) },
      });
    }
    if (!status.isDirectory()) return [path];
    const inside = namesIn(path)
      .filter((name) => STREAM_NAME.test(name))
      .map((name) => join(path, name));
    return inside.sort((a, b) => likelyTime(a) - likelyTime(b) || (a < b ? -1 : 1));
  });
}
