import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { conflict, corrupt, DendroError } from '../../../shared/errors.ts';
import { printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { VerbContext } from '../../engine/context.ts';
import { decodeStream } from '../../engine/stream/decode.ts';
import { openToWrite, type WritableArchive } from '../export/prepare.ts';
import type { EncryptionRequest, Secrets } from '../folder/keys.ts';
import { StreamImport, type ImportedPoint } from './stream-import.ts';
import { openInput, partsOf, readSidecar } from './open-input.ts';

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
}

export interface ImportSummary {
  readonly imported: readonly ImportedPoint[];
  /** Files that hold nothing new. */
  readonly known: readonly string[];
  /** Files that could not be imported, and why; the others were. */
  readonly failures: readonly { readonly file: string; readonly message: string }[];
  readonly notes: readonly string[];
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
  const failures: { file: string; message: string }[] = [];
  const notes: string[] = [...archive.notes];
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
        failures.push({ file: printable(file), message: error.message });
      }
    }
    return { imported, known, failures, notes };
  } finally {
    archive.close();
  }
}

async function importFile(
  archive: WritableArchive,
  file: string,
  input: ImportInput,
  context: VerbContext,
): Promise<ImportedPoint[]> {
  const whole = file.replace(/\.split_aa$/, '');
  const sidecar = readSidecar(whole);
  if (sidecar?.get('incomplete') === '1') {
    throw corrupt('input-incomplete', `btrbk did not finish "${printable(whole)}".`, {
      hint: 'Let btrbk back it up again.',
    });
  }
  const names = readdirSync(dirname(file)).map((name) => join(dirname(file), name));
  const opened = openInput(partsOf(whole, names));
  const title = input.source ?? basename(dirname(file));
  const target = await StreamImport.begin({
    archive,
    title,
    nowMs: input.nowMs,
    takenAtMs: Math.floor(statSync(file).mtimeMs),
    level: input.level ?? 3,
    cancel: context.cancel,
    secrets: input.secrets ?? {},
    expectedUuid: sidecar?.get('received_uuid')?.replaceAll('-', '').toLowerCase(),
  });
  try {
    decodeStream(opened, target.sink, {
      cancel: context.cancel,
      onVersion: (version) => (target.version = version),
      onCommand: (bytes) => target.command(bytes),
      onProgress: (bytes) =>
        context.progress({
          ...{ step: 'import', bytes, totalBytes: null, files: 0, totalFiles: null },
          current: textFromBytes(Buffer.from(basename(file))),
        }),
    });
    await opened.end();
    return await target.finish();
  } catch (error) {
    target.abort();
    throw error;
  } finally {
    opened.close();
  }
}

/** Of folders: what is called as a stream; parts of split files once. In the order of time. */
function streamFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) {
      throw conflict('not-found', `"${printable(path)}" does not exist.`, {
        place: { path: printable(path) },
      });
    }
    if (!status.isDirectory()) return [path];
    const inside = readdirSync(path)
      .filter((name) => STREAM_NAME.test(name))
      .map((name) => join(path, name));
    return inside.sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs || (a < b ? -1 : 1));
  });
}
