import { unsupported } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Subvolume, SubvolumeRef } from '../../../shared/model/subvolume.ts';
import { foreignSnapshot } from '../../other-tools/layouts.ts';
import { makeSnapshot } from '../backup/make-snapshot.ts';
import type { Context } from '../context.ts';
import { findSubvolume } from '../handlers/snapshots.ts';
import { isForeignWritable } from '../points/classify.ts';

/**
 * The read-only twin of a writable snapshot of another tool: what can be sent and be a parent.
 * It lies in Dendro's own folder; the tool's snapshot is not touched.
 *
 * @throws Unsupported 'no-twin-needed'; Conflict 'not-mounted'
 */
export async function twinOf(ref: SubvolumeRef, context: Context): Promise<Subvolume> {
  const { known, subvolume, subvolumes } = await findSubvolume(ref, context);
  if (!isForeignWritable(subvolume)) throw noTwin(subvolume);
  const existing = subvolumes.find(
    (one) => one.readOnly && one.receivedUuid === null && one.parentUuid === subvolume.uuid,
  );
  if (existing) return existing;
  const made = await makeSnapshot(known, subvolume, context, twinName(subvolume));
  context.hub.emit('volumes.changed', {});
  return made;
}

/** `timeshift-2026-11-27_09-00-01.@home` */
function twinName({ path }: Subvolume): string {
  const { tool, label } = foreignSnapshot(path)!;
  return `${tool}-${label}.${path.slice(path.lastIndexOf('/') + 1)}`;
}

function noTwin({ path }: Subvolume): Error {
  return unsupported(
    'no-twin-needed',
    say`"${{ path: printable(path) }}" is no writable snapshot of another tool.`,
    { hint: 'Read-only snapshots can be sent as they are.' },
  );
}
