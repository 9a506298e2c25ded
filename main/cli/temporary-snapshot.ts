import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { conflict, DendroError } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { bytesFromText, printable } from '../../shared/model/bytes-text.ts';
import { volumeFor } from '../engine/open-volumes.ts';
import { openSubvolume } from '../engine/tree/index.ts';
import { uuidText } from '../engine/verbs/uuid-text.ts';
import { createSnapshot, deleteSnapshot } from '../engine/verbs/snapshots.ts';
import { isAlive, ownIdentity } from '../linux/process-identity.ts';
import { placeOf, type Place } from './place.ts';
import { subvolumeAt, type Snapshot } from './place-subvolume.ts';

const PREFIX = '.dendro-send ';

export interface TemporarySnapshot extends Snapshot {
  /** What the receiver shall call it: the source's own name. */
  readonly name: Uint8Array;
  remove(): void;
}

/**
 * A read-only snapshot of a writable subvolume for the time of a send, beside it. Those that
 * a killed process left there are removed first.
 *
 * @throws Conflict 'not-mounted'
 */
export function temporarySnapshot(text: string): TemporarySnapshot {
  const place = placeOf(text);
  const { info } = subvolumeAt(place);
  const folder = place.mountedPath;
  if (folder === null) {
    throw conflict(
      'not-mounted',
      say`"${{ name: printable(text) }}" is writable and not mounted.`,
      {
        hint: 'Mount it: a snapshot of it can only be made by the kernel.',
      },
    );
  }
  const beside = folderFor(folder, place);
  removeLeftOver(beside);
  const name = `${PREFIX}${ownIdentity()}`;
  const made = createSnapshot({ sourcePath: folder, folder: beside, name });
  const subvolume = openSubvolume(volumeFor(place.volume), made.subvolumeId);
  const remove = (): void =>
    deleteSnapshot({ path: made.path, uuid: uuidText(subvolume.info.uuid) });
  const own = info.path.subarray(info.path.lastIndexOf(0x2f) + 1);
  return { text, subvolume, name: own.length > 0 ? own : bytesFromText('root'), remove };
}

/** The folder that the subvolume stands in, so that its own times stay; its top if that is elsewhere. */
function folderFor(folder: string, { volume }: Place): string {
  const parent = dirname(folder);
  try {
    const { devices } = placeOf(parent).volume;
    return parent !== folder && devices.join() === volume.devices.join() ? parent : folder;
  } catch (error) {
    if (error instanceof DendroError) return folder; // the parent is on another filesystem
    throw error;
  }
}

function removeLeftOver(folder: string): void {
  for (const name of readdirSync(Buffer.from(bytesFromText(folder)))) {
    if (!name.startsWith(PREFIX) || isAlive(name.slice(PREFIX.length))) continue;
    const path = `${folder}/${name}`;
    deleteSnapshot({ path, uuid: uuidText(subvolumeAt(placeOf(path)).info.uuid) });
  }
}
