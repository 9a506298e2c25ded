import { conflict } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { bytesFromText, printable } from '../../shared/model/bytes-text.ts';
import { volumeFor } from '../engine/open-volumes.ts';
import { lookup, openSubvolume, type Found, type Subvolume } from '../engine/tree/index.ts';
import { isSameFilesystem } from '../engine/volume/index.ts';
import { placeOf, type Place } from './place.ts';

/** The inode that a place names. @throws Conflict 'path-not-found' */
export function foundAt({ volume, subvolumeId, path }: Place): Found {
  return lookup(openSubvolume(volumeFor(volume), subvolumeId), bytesFromText(path));
}

/** @throws Conflict 'not-a-subvolume' */
export function subvolumeAt(place: Place): Subvolume {
  const found = foundAt(place);
  if (found.inode === found.subvolume.rootInode) return found.subvolume;
  throw conflict(
    'not-a-subvolume',
    say`"${{ path: printable(place.text) }}" is a folder or file in a subvolume.`,
    {
      hint: 'Name the subvolume itself; list them with: dendro snapshots',
      place: { path: printable(place.text) },
    },
  );
}

export interface Snapshot {
  readonly text: string;
  readonly subvolume: Subvolume;
  /** What the receiver shall call it, when not by its own name. */
  readonly name?: Uint8Array;
}

/** A read-only subvolume. `role` stands before it in the error. @throws Conflict 'not-read-only' */
export function snapshotAt(text: string, role = ''): Snapshot {
  const place = placeOf(text);
  const subvolume = subvolumeAt(place);
  if (subvolume.info.isReadOnly) return { text, subvolume };
  const path = printable(place.mountedPath ?? text);
  throw conflict('not-read-only', say`${{ role }}subvolume ${{ path }} is not read-only`, {
    hint: 'Make a read-only snapshot of it: dendro snapshots create SUBVOLUME NEW-PATH, or let dendro send --snapshot make one.',
    place: { path },
  });
}

/**
 * Parents and clone sources in the volume of the snapshot that is sent, where a device may have been
 * named otherwise. @throws Conflict 'different-volumes'
 */
export function besides({ subvolume }: Snapshot, others: readonly Snapshot[]): Snapshot[] {
  const { volume } = subvolume;
  return others.map((other) => {
    if (other.subvolume.volume === volume) return other;
    if (isSameFilesystem(other.subvolume.volume, volume)) {
      return { ...other, subvolume: openSubvolume(volume, other.subvolume.id) };
    }
    throw conflict(
      'different-volumes',
      say`${{ text: printable(other.text) }} is on another filesystem`,
      { hint: 'Parents and clone sources are snapshots beside the one that is sent.' },
    );
  });
}
