import { existsSync } from 'node:fs';
import { conflict } from '../../../shared/errors.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import { filesystemOf } from '../../linux/files.ts';
import { withDirectory } from '../../linux/mounts.ts';
import { pickPoint } from '../read/pick.ts';
import { openReader } from '../read/reader.ts';
import type { RestoreSnapshotInput } from './restore-snapshot.ts';
import { isReceivedAt, whatIsThere } from './received.ts';
import { placeOf, stillNeeded } from './still-needed.ts';

export interface SnapshotPlan {
  readonly path: string;
  readonly kind: 'subvolume';
  /** It is there already, whole: nothing is to be done. */
  readonly isThere: boolean;
  /** Streams that are not at the target yet, oldest first. */
  readonly receives: readonly string[];
  /** Of those streams, as they are received. An earlier run may have applied a part of it. */
  readonly bytes: number;
  readonly freeBytes: number;
  readonly fits: boolean;
}

/**
 * What `restoreArchiveSnapshot` will do onto btrfs. Writes nothing.
 * @throws Conflict 'exists' where something else has the name
 */
export async function planArchiveSnapshot(
  input: Pick<RestoreSnapshotInput, 'folder' | 'point' | 'secrets' | 'destination'> & {
    /** The destination, or the folder in which it would be made. */
    readonly standing: string;
  },
): Promise<SnapshotPlan> {
  const { destination, standing } = input;
  const reader = await openReader(input.folder, input.secrets);
  try {
    const ref = pickPoint(reader, input.point);
    const path = placeOf(destination, ref);
    const isThere = isReceivedAt(path, ref.point);
    if (!isThere && existsSync(Buffer.from(bytesFromText(path)))) throw taken(path);
    const needed = isThere ? [] : stillNeeded(reader, ref, whatIsThere(standing));
    const bytes = needed.reduce((sum, { point }) => sum + point.plain.bytes, 0);
    const { freeBytes } = withDirectory(bytesFromText(standing), filesystemOf);
    return {
      ...{ path, kind: 'subvolume', isThere, bytes, freeBytes, fits: bytes <= freeBytes },
      receives: needed.map(({ point }) => point.name),
    };
  } finally {
    reader.close();
  }
}

function taken(path: string): Error {
  return conflict('exists', 'There is already something of this name at the target.', {
    hint: 'Move or delete it, or restore into another folder.',
    place: { path: printable(path) },
  });
}
