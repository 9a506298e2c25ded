import { printable } from '../../../shared/model/bytes-text.ts';
import type { Run } from '../../../shared/model/run.ts';
import type { SubvolumeRef } from '../../../shared/model/subvolume.ts';
import { makeSnapshot } from '../backup/make-snapshot.ts';
import type { Context } from '../context.ts';
import { findSubvolume } from '../handlers/snapshots.ts';

/** A snapshot beside its source, as a run, so that history shows it. */
export function startLocalSnapshot(
  source: SubvolumeRef,
  context: Context,
  scheduleId: string,
): Run {
  return context.runs.start(
    {
      kind: 'backup',
      title: 'Snapshot on this computer',
      steps: ['snapshot'],
      source,
      scheduleId,
      commandLine: '',
    },
    async (run) => {
      run.step('snapshot');
      const { known, subvolume } = await findSubvolume(source, context);
      const made = await makeSnapshot(known, subvolume, context);
      context.hub.emit('volumes.changed', {});
      const point = { volumeId: made.volumeId, subvolumeId: made.subvolumeId };
      const result = { point, parent: null, path: made.mountedPath, commands: 0 };
      return { result, detail: printable(made.path) };
    },
  );
}
