import type { Dirent } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DendroError } from '../../../shared/errors.ts';
import type { Drive } from '../../../shared/model/drive.ts';
import { archiveOfPlace, archivePlaceId } from '../../../shared/model/plan-target.ts';
import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { Engine } from '../../engine/engine.ts';
import { readMounts } from '../../linux/mounts.ts';
import { placeName, recordArchive, type Recording } from '../plans/targets/record-place.ts';

export interface ArchivesHereParts extends Recording {
  readonly engine: Engine;
}

const MANIFEST = 'manifest.json';
/** Archives lie at the top of a drive, or not far below. */
const MOST_DEEP = 3;
const MOST_FOLDERS = 300;
/** Nobody tells of an archive that another program has begun. */
const SEARCH_AGAIN_MS = 600_000;

/**
 * The archives of stream files on the drives that are here: those that are known, and those that
 * a look around the drive finds, of this computer or another. Their restore points are recorded as
 * those of volumes are, so that they stay on the timeline when the drive is gone.
 */
export class ArchivesHere {
  readonly #parts: ArchivesHereParts;
  /** When each drive, as it is mounted, was last searched. */
  readonly #searched = new Map<string, number>();
  /** What each archive's manifest looked like when it was last read. */
  readonly #read = new Map<string, string>();
  /** Places that were looked for in vain at the last look. */
  #missing: ReadonlySet<string> = new Set();
  #looking: Promise<void> | undefined;

  constructor(parts: ArchivesHereParts) {
    this.#parts = parts;
  }

  /** Reads what is new or has changed; what cannot be read now stays as it was last seen. */
  look(drives: readonly Drive[]): Promise<void> {
    this.#looking ??= this.#look(drives).finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  /** An archive was written to: its points are recorded, wherever on a drive it lies. */
  async wrote(folder: string, drives: readonly Drive[]): Promise<void> {
    const found = drives
      .flatMap((drive) => drive.mounts.map((mount) => ({ drive, mount })))
      .filter(({ mount }) => isBelow(folder, mount))
      .sort((a, b) => b.mount.length - a.mount.length)[0];
    if (found) await this.#refresh(found.drive, found.mount, relative(folder, found.mount));
  }

  /** Whether its drive was mounted at the last look, and the archive not on it. */
  isMissing(placeId: string): boolean {
    return this.#missing.has(placeId);
  }

  async #look(drives: readonly Drive[]): Promise<void> {
    const known = this.#parts.history.points.volumesSeen().flatMap(({ volumeId }) => {
      return archiveOfPlace(volumeId) ?? [];
    });
    const missing = new Set<string>();
    for (const drive of drives.filter(({ state }) => state === 'mounted')) {
      for (const place of known.filter(({ driveId }) => driveId === drive.driveId)) {
        const id = archivePlaceId(place);
        if (isDoubtful(drive)) missing.add(id);
        else if (!(await this.#find(drive, place.folder))) {
          missing.add(id);
          if (isAllSeen(drive)) this.#forget(id);
        }
      }
      if (!drive.system && !isDoubtful(drive)) await this.#search(drive);
    }
    this.#missing = missing;
  }

  /** @returns whether it is there, at whichever mount */
  async #find(drive: Drive, folder: string): Promise<boolean> {
    for (const mount of drive.mounts) if (await this.#refresh(drive, mount, folder)) return true;
    return false;
  }

  #forget(id: string): void {
    this.#read.delete(id);
    this.#parts.history.points.replaceVolume(id, []);
  }

  async #search(drive: Drive): Promise<void> {
    const mount = drive.mounts[0];
    if (mount === undefined) return;
    const key = `${drive.driveId} ${mount}`;
    const { nowMs } = this.#parts;
    if (nowMs() - (this.#searched.get(key) ?? -Infinity) < SEARCH_AGAIN_MS) return;
    this.#searched.set(key, nowMs());
    for (const folder of await archivesBelow(mount)) await this.#refresh(drive, mount, folder);
  }

  /** @returns whether an archive is there; of a damaged one all stays known, as it was last seen */
  async #refresh(drive: Drive, mount: string, folder: string): Promise<boolean> {
    const path = folder === '' ? mount : join(mount, folder);
    const id = archivePlaceId({ driveId: drive.driveId, folder });
    const { engine, history, nowMs } = this.#parts;
    const state = await stateOf(path);
    // What is known of it may have come from another process, which saw another drive as this one.
    if (state !== undefined && this.#read.get(id) === `${state} ${history.points.stamp()}`) {
      history.points.volumeSeen(id, placeName(drive.name, folder), nowMs());
      return true;
    }
    try {
      const contents = await engine.run('listArchive', { folder: path });
      recordArchive({ driveId: drive.driveId, folder }, drive.name, contents, this.#parts);
      if (state !== undefined) this.#read.set(id, `${state} ${history.points.stamp()}`);
      return true;
    } catch (error) {
      if (!(error instanceof DendroError)) throw error;
      return error.code !== 'no-archive';
    }
  }
}

/** Another one claims to be it: which of the two a point was seen on is not known. */
function isDoubtful({ problem }: Drive): boolean {
  return problem?.code === 'drive-twins';
}

/** Of btrfs another subvolume may be mounted, of any filesystem a folder of it only. */
function isAllSeen({ filesystem, mounts }: Drive): boolean {
  if (filesystem === 'btrfs') return false;
  return readMounts().some(
    ({ mountPoint, root }) =>
      mounts.includes(textFromBytes(mountPoint)) && textFromBytes(root) === '/',
  );
}

/** Folders with a manifest, from the top down; what lies in an archive is none itself. */
async function archivesBelow(mount: string): Promise<string[]> {
  const found: string[] = [];
  let level = [''];
  let looked = 0;
  for (let depth = 0; depth <= MOST_DEEP && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const folder of level) {
      if ((looked += 1) > MOST_FOLDERS) return found;
      const path = join(mount, folder);
      if (await isFile(join(path, MANIFEST))) found.push(folder);
      else for (const name of await foldersIn(path)) next.push(join(folder, name));
    }
    level = next;
  }
  return found;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isFile(),
    () => false,
  );
}

/** No more than are looked into: of a million names few are held. */
async function foldersIn(path: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const entry of await opendir(path, { bufferSize: 1_024 })) {
      if (isWorthALook(entry)) found.push(entry.name);
      if (found.length >= MOST_FOLDERS) break;
    }
  } catch {
    // What cannot be read, or goes meanwhile, holds no archive that could be shown.
  }
  return found.sort();
}

/** Not what is hidden, nor a name whose bytes are no text. */
function isWorthALook(entry: Dirent): boolean {
  return entry.isDirectory() && !entry.name.startsWith('.') && !entry.name.includes('\ufffd');
}

async function stateOf(folder: string): Promise<string | undefined> {
  try {
    const { mtimeNs, size, ino } = await stat(join(folder, MANIFEST), { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch {
    return undefined;
  }
}

function isBelow(folder: string, mount: string): boolean {
  return folder === mount || folder.startsWith(mount === '/' ? '/' : `${mount}/`);
}

function relative(folder: string, mount: string): string {
  return folder.slice(mount.length).replace(/^\/+|\/+$/g, '');
}
