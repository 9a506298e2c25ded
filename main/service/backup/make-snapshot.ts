import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { Context } from '../context.ts';
import { joined, mountedPathOf } from '../volumes/mounted-path.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';
import { snapshotName } from './snapshot-name.ts';

/**
 * Makes a read-only snapshot of a mounted subvolume below the snapshot folder, which lies at
 * the top of the mount that shows the subvolume.
 *
 * @throws Conflict 'not-mounted', 'mounted-over', 'exists'
 */
export async function makeSnapshot(
  known: KnownVolume,
  source: Subvolume,
  context: Context,
  name?: string,
): Promise<Subvolume> {
  const { volume } = known;
  const mount = volume.mounts.find(
    (one) => !one.readOnly && mountedPathOf({ mounts: [one] }, source.path) !== null,
  );
  if (!mount) {
    throw conflict(
      'not-mounted',
      say`${{ name: volume.name }} is not mounted where it can be written to.`,
      {
        hint: 'Mount it, and try again.',
        place: { path: printable(source.path) },
      },
    );
  }
  const { snapshotFolder } = context.history.settings.get();
  const { subvolumeId } = await context.withEngine((engine) =>
    engine.run('createSnapshot', {
      sourcePath: mountedPathOf({ mounts: [mount] }, source.path)!,
      sourceUuid: source.uuid,
      folder: joined(mount.path, snapshotFolder),
      name: name ?? snapshotName(source.path || volume.name, context.nowMs()),
    }),
  );
  const made = (await context.points.subvolumes(known)).find(
    (one) => one.subvolumeId === subvolumeId,
  );
  if (made) return made;
  throw conflict('subvolume-unknown', 'The snapshot was deleted as soon as it was made.', {
    hint: 'See whether another program removes snapshots on this volume.',
  });
}
