import { accessSync, constants, lstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { conflict, DendroError, toErrorData } from '../../../shared/errors.ts';
import { noted, say } from '../../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { FoundHolder, FoundPoint } from '../../../shared/model/recover.ts';
import { listArchive } from '../../archive/verbs/list-points.ts';
import type { VerbContext } from '../../engine/context.ts';
import { volumeFor, type VolumeInput } from '../../engine/open-volumes.ts';
import { isStagedPath } from '../../engine/sink/staged-path.ts';
import { subvolumes } from '../../engine/verbs/list-subvolumes.ts';
import { locateMounted } from '../../linux/mounts.ts';
import type { PlaceInput } from '../open-place.ts';
import { refuseForeign } from '../../engine/device/index.ts';
import { looseStreams } from './loose-streams.ts';
import { isImage, searchFolder } from './search-folder.ts';

export interface RecoverInput {
  /** Absolute: a block device, an image, a stream file, or a folder that holds any of these. */
  readonly path: string;
}

/** A point as the engine opens it. */
export type PlacedPoint = Omit<FoundPoint, 'place'> & {
  readonly input: PlaceInput | null;
  /** Of a loose stream: its file. */
  readonly file?: string;
};
/** A holder as the engine reads it. */
export type PlacedHolder = Omit<FoundHolder, 'volumeId'> & {
  readonly volume: VolumeInput | null;
  /** Of loose stream files: which. */
  readonly files: readonly string[];
};

export interface LookAround {
  readonly path: string;
  readonly holders: PlacedHolder[];
  readonly points: PlacedPoint[];
  readonly isCut: boolean;
}

/**
 * Everything that can be restored from a disk, an image or a folder, without any history: what
 * cannot be read is told with its reason, and all the rest goes on. Nothing is written.
 * @throws Conflict 'not-found'; Unsupported 'other-filesystem', 'disk-locked', 'partition-table',
 *   'member-disk'; Denied; Cancelled
 */
export function lookAround({ path }: RecoverInput, { cancel }: VerbContext): LookAround {
  const status = statSync(Buffer.from(bytesFromText(path)), { throwIfNoEntry: false });
  if (status === undefined) throw notFound(path);
  const look = new Look(path, () => cancel.check());
  const isDisk = status.isBlockDevice() || status.isFile();
  if (isDisk && isImage(path)) look.volume(path);
  else if (isDisk) {
    refuseForeign(path);
    if (status.isFile()) look.streams(dirname(path), [path]);
    else look.volume(path);
  } else {
    accessSync(Buffer.from(bytesFromText(path)), constants.R_OK | constants.X_OK);
    look.folder(path);
  }
  return look.result();
}

class Look {
  readonly #path: string;
  readonly #check: () => void;
  readonly #holders: PlacedHolder[] = [];
  readonly #points: PlacedPoint[] = [];
  #isCut = false;

  constructor(path: string, check: () => void) {
    this.#path = path;
    this.#check = check;
  }

  folder(path: string): void {
    const mounted = mountedVolume(path);
    if (mounted !== undefined) this.#volume(path, mounted);
    const found = searchFolder(path, this.#check);
    this.#isCut = found.isCut;
    for (const archive of found.archives) this.#archive(archive);
    const byFolder = Map.groupBy(found.streams, (file) => dirname(file));
    for (const [folder, files] of byFolder) this.streams(folder, files);
    for (const image of found.images) this.volume(image);
    for (const folder of found.folders) this.#plainFolder(folder);
    // A folder of which nothing else is known can at least be copied out of.
    if (this.#holders.length === 0) this.#plainFolder(path);
  }

  volume(path: string): void {
    this.#volume(path, { devices: [path], mountPath: null });
  }

  #volume(path: string, volume: VolumeInput): void {
    const context = { cancel: { check: this.#check }, progress: () => {} };
    const name = basename(path);
    const facts = { kind: 'volume' as const, path, volume, isEncrypted: false, files: [] };
    try {
      const label = volumeFor(volume).label;
      const all = subvolumes(volume, context as unknown as VerbContext);
      const holder = this.#holders.push({
        ...facts,
        ...{ name: label === '' ? name : label, problem: null, canRescue: true, notes: [] },
      });
      for (const one of all) {
        const isWhole = !isStagedPath(one.path);
        this.#points.push({
          holder: holder - 1,
          name: one.path === '' ? '/' : one.path,
          kind: one.kind,
          input: { kind: 'snapshot', volume, subvolumeId: one.subvolumeId },
          takenAtMs: one.createdAtMs,
          isWhole,
          problem: isWhole ? null : noted('received-in-part', 'It was received in part only.'),
        });
      }
    } catch (error) {
      this.#broken({ ...facts, name, canRescue: true }, error);
    }
  }

  #archive(folder: string): void {
    const facts = { kind: 'archive' as const, path: folder, name: basename(folder), volume: null };
    try {
      const { sources, isEncrypted, notes } = listArchive({ folder });
      const rest = { files: [], problem: null, canRescue: false, notes: [...notes] };
      const holder = this.#holders.push({ ...facts, ...rest, isEncrypted }) - 1;
      for (const { folder: source, points } of sources) {
        for (const { name, kind, takenAtMs, isRestorable } of points) {
          const input = { kind: 'archive' as const, folder, point: `${source}/${name}` };
          const problem = isRestorable
            ? null
            : noted(
                'base-not-here',
                'Its stream, or one that it builds on, is not in the archive.',
              );
          const rest = { takenAtMs, isWhole: isRestorable, problem };
          this.#points.push({ holder, name: `${source}/${name}`, kind, input, ...rest });
        }
      }
    } catch (error) {
      this.#broken({ ...facts, isEncrypted: false, canRescue: false, files: [] }, error);
    }
  }

  /** Stream files that belong to no archive, in one folder. */
  streams(folder: string, files: readonly string[]): void {
    const found = looseStreams(files, this.#check);
    const { notes, isEncrypted } = found;
    if (found.points.length === 0 && notes.length === 0) return;
    const facts = { volume: null, isEncrypted, problem: null, canRescue: false, notes };
    const name = basename(folder);
    const opened = found.points.map(({ file }) => file);
    const kind = 'streams' as const;
    const holder = this.#holders.push({ kind, path: folder, name, ...facts, files: opened }) - 1;
    for (const point of found.points) this.#points.push({ holder, ...point });
  }

  #plainFolder(path: string): void {
    const facts = { volume: null, isEncrypted: false, problem: null, canRescue: false, files: [] };
    const name = basename(path);
    const holder = this.#holders.push({ kind: 'folder', path, name, ...facts, notes: [] }) - 1;
    const takenAtMs = Math.floor(lstatSync(Buffer.from(bytesFromText(path))).mtimeMs);
    const input = { kind: 'folder' as const, folder: path };
    const rest = { takenAtMs, isWhole: true, problem: null };
    this.#points.push({ holder, name, kind: 'folder', input, ...rest });
  }

  #broken(facts: Omit<PlacedHolder, 'problem' | 'notes'>, error: unknown): void {
    typed(error);
    this.#holders.push({ ...facts, problem: toErrorData(error), notes: [] });
  }

  result(): LookAround {
    const newestFirst = (a: PlacedPoint, b: PlacedPoint): number =>
      (b.takenAtMs ?? 0) - (a.takenAtMs ?? 0);
    return {
      path: this.#path,
      holders: this.#holders,
      points: this.#points.sort(newestFirst),
      isCut: this.#isCut,
    };
  }
}

/** What stands in the way of one thing; all else ends the look. */
function typed(error: unknown): DendroError {
  const isOurs = error instanceof DendroError;
  if (!isOurs || error.kind === 'Cancelled' || error.kind === 'Bug') throw error;
  return error;
}

/** The volume that a folder is the mount of, or a subvolume's top in it. */
function mountedVolume(path: string): VolumeInput | undefined {
  try {
    const real = realpathSync.native(Buffer.from(bytesFromText(path)), { encoding: 'buffer' });
    const { devices, directory, inside } = locateMounted(real);
    if (inside.length > 0) return undefined;
    return {
      devices: devices.flatMap((device) => (device.path === null ? [] : [device.path])),
      mountPath: textFromBytes(directory),
    };
  } catch (error) {
    if (error instanceof DendroError) return undefined;
    throw error;
  }
}

function notFound(path: string): Error {
  return conflict('not-found', say`"${{ path: printable(path) }}" does not exist.`, {
    hint: 'Name a disk (/dev/sdb1), an image, or a folder.',
    place: { path: printable(path) },
  });
}
