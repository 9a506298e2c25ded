import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { conflict, DendroError } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { bytesFromText, printable } from '../../shared/model/bytes-text.ts';
import { hasArchive } from '../archive/folder/archive.ts';
import type { Secrets } from '../archive/folder/keys.ts';
import type { PlaceInput } from '../places/open-place.ts';
import { foundAt } from './place-subvolume.ts';
import { placeOf } from './place.ts';

/**
 * A state of files wherever it lies: a subvolume or snapshot (mounted, or IMAGE-OR-DEVICE:/path),
 * ARCHIVE:POINT, or a plain folder on any filesystem.
 *
 * @throws Conflict 'not-found', 'not-a-directory', 'which-point'; Denied
 */
export function pointPlaceOf(text: string): PlaceInput {
  if (isFolder(text)) return folderPlace(text);
  for (let at = text.lastIndexOf(':'); at > 0; at = text.lastIndexOf(':', at - 1)) {
    const folder = resolve(text.slice(0, at));
    if (!isFolder(folder) || !hasArchive(folder)) continue;
    return { kind: 'archive', folder, point: text.slice(at + 1) };
  }
  return snapshotPlace(text) ?? refuseFile(text);
}

/** With what opens it, where it is encrypted. */
export function opened(place: PlaceInput, secrets: Secrets): PlaceInput {
  return place.kind === 'archive' ? { ...place, secrets } : place;
}

function folderPlace(text: string): PlaceInput {
  const folder = resolve(text);
  const snapshot = trySnapshot(text);
  if (snapshot !== undefined) return snapshot;
  if (!hasArchive(folder)) return { kind: 'folder', folder };
  throw conflict(
    'which-point',
    say`"${{ text: printable(text) }}" is an archive of several points.`,
    {
      hint: say`Name one: ${{ text: printable(text) }}:POINT; list them with: dendro archive list`,
      place: { path: printable(text) },
    },
  );
}

/** Undefined for a folder in a subvolume, and on anything but btrfs. */
function trySnapshot(text: string): PlaceInput | undefined {
  try {
    return snapshotPlace(text);
  } catch (error) {
    if (error instanceof DendroError && error.code === 'not-btrfs') return undefined;
    throw error;
  }
}

function snapshotPlace(text: string): PlaceInput | undefined {
  const place = placeOf(text);
  const { subvolume, inode } = foundAt(place);
  if (inode !== subvolume.rootInode) return undefined;
  return { kind: 'snapshot', volume: place.volume, subvolumeId: subvolume.id };
}

function refuseFile(text: string): never {
  throw conflict(
    'not-a-subvolume',
    say`"${{ path: printable(text) }}" is a file or folder in a volume.`,
    {
      hint: 'Name a subvolume, a snapshot, ARCHIVE:POINT, or a folder that is mounted.',
      place: { path: printable(text) },
    },
  );
}

function isFolder(path: string): boolean {
  const status = statSync(Buffer.from(bytesFromText(path)), { throwIfNoEntry: false });
  return status?.isDirectory() === true;
}
