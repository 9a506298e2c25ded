import { basename, dirname, resolve } from 'node:path';
import { lstatSync, statSync } from 'node:fs';
import { conflict, DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { hasArchive } from '../../archive/folder/archive.ts';
import { exactPoint } from '../../archive/read/pick.ts';
import { volumeFor } from '../../engine/open-volumes.ts';
import { openSubvolume } from '../../engine/tree/index.ts';
import type { PlaceInput } from '../../places/open-place.ts';
import { absolute } from '../archive/run-verb.ts';
import { foundAt } from '../place-subvolume.ts';
import { placeOf, type Place } from '../place.ts';
import { plainSource } from './plain-source.ts';

/** What an argument names: something in a state of files, wherever that lies. */
export interface RestoreSource {
  readonly place: PlaceInput;
  /** From its top; '' is all of it. Text that keeps its bytes. */
  readonly path: string;
  /** What to call it: its own last name, of a whole state that of the point or the argument. */
  readonly name: string;
}

/** Between a point of an archive and a path in it: `ARCHIVE:POINT:/path`. */
const INSIDE = ':/';

/**
 * A path that exists wins: in a folder that `receive --plain` made, on a mounted btrfs, on any
 * other filesystem. Else ARCHIVE:POINT or IMAGE-OR-DEVICE, each with `:/path` behind it.
 *
 * @throws Conflict 'not-found', 'path-not-found', 'which-point', 'point-not-found'; Denied
 */
export function restoreSource(text: string): RestoreSource {
  const status = lstatSync(bytesOf(text), { throwIfNoEntry: false });
  if (status === undefined) {
    return archiveSource(text) ?? plainSource(text) ?? volumeSource(placeOf(text));
  }
  return (status.isSymbolicLink() ? linkSource(text) : undefined) ?? existingSource(text);
}

/** A link that is part of a point may lead out of it, into what is there now, or nowhere. */
function linkSource(text: string): RestoreSource | undefined {
  const path = absolute(text);
  const above = mountedBtrfs(dirname(path));
  if (above === undefined || !isInSnapshot(above)) return plainSource(text);
  const inside = [above.path, basename(path)].filter(Boolean).join('/');
  return volumeSource({ ...above, text, path: inside });
}

function existingSource(text: string): RestoreSource {
  const place = mountedBtrfs(text);
  // In a snapshot a folder is what it was then, with its sidecar beside it.
  if (place !== undefined && isInSnapshot(place)) return volumeSource(place);
  return plainSource(text) ?? (place === undefined ? folderSource(text) : volumeSource(place));
}

function isInSnapshot(place: Place): boolean {
  return foundAt(place).subvolume.info.isReadOnly;
}

/** Undefined for what exists on another filesystem. */
function mountedBtrfs(text: string): Place | undefined {
  try {
    return placeOf(text);
  } catch (error) {
    if (error instanceof DendroError && error.code === 'not-btrfs') return undefined;
    throw error;
  }
}

function volumeSource(place: Place): RestoreSource {
  const clean = place.path.replace(/\/+$/, '');
  const { subvolume } = foundAt(place);
  const outer = openSubvolume(volumeFor(place.volume), place.subvolumeId);
  const prefix =
    subvolume.id === outer.id
      ? ''
      : textFromBytes(subvolume.info.path).slice(
          outer.info.path.length === 0 ? 0 : textFromBytes(outer.info.path).length + 1,
        );
  const path = prefix === '' ? clean : clean.slice(prefix.length + 1);
  const name = clean.slice(clean.lastIndexOf('/') + 1) || nameOfWhole(place);
  const { volume } = place;
  return { place: { kind: 'snapshot', volume, subvolumeId: subvolume.id }, path, name };
}

/** ARCHIVE:POINT, by the shortest folder that is an archive; undefined where none is. */
function archiveSource(text: string): RestoreSource | undefined {
  for (let at = text.indexOf(':'); at > 0; at = text.indexOf(':', at + 1)) {
    const folder = resolve(text.slice(0, at));
    if (!isFolderAt(folder) || !hasArchive(folder)) continue;
    const [wanted = '', ...rest] = text.slice(at + 1).split(INSIDE);
    const { name, point } = exactPoint(folder, wanted);
    const names = rest.join(INSIDE).split('/');
    const path = names.filter((one) => one !== '' && one !== '.').join('/');
    return { place: { kind: 'archive', folder, point }, path, name: lastPart(path) || name };
  }
  return undefined;
}

/** A folder or file as it lies there, about which nothing else is known. */
function folderSource(text: string): RestoreSource {
  const path = absolute(text);
  const isFolder = isFolderAt(text);
  const folder = isFolder ? path : dirname(path);
  if (hasArchive(folder) || hasArchive(dirname(folder))) throw whichPoint(text);
  const name = basename(path) || 'restored';
  return { place: { kind: 'folder', folder }, path: isFolder ? '' : name, name };
}

function isFolderAt(path: string): boolean {
  return statSync(bytesOf(path), { throwIfNoEntry: false })?.isDirectory() === true;
}

function bytesOf(path: string): Buffer {
  return Buffer.from(bytesFromText(path));
}

/** A mounted one by its path, in which a colon is one like any other; "." is not what it is called. */
function nameOfWhole({ text, mountedPath }: Place): string {
  if (mountedPath === null) return lastName(text);
  const called = lastPart(text);
  return /^\.{0,2}$/.test(called) ? lastPart(mountedPath) || 'restored' : called;
}

function lastPart(path: string): string {
  const clean = path.replace(/\/+$/, '');
  return clean.slice(clean.lastIndexOf('/') + 1);
}

/** What to call a whole state: the last part of how it was named. */
function lastName(text: string): string {
  const name = text.replace(/[/:]+$/, '');
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1);
}

function whichPoint(text: string): Error {
  return conflict(
    'which-point',
    say`"${{ text: printable(text) }}" is an archive of several points, or in one.`,
    {
      hint: 'Name one as ARCHIVE:POINT, a file in it as ARCHIVE:POINT:/path; list them with: dendro archive list',
      place: { path: printable(text) },
    },
  );
}
