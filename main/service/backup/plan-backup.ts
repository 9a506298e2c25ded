import type { CheckedInput } from '../../../shared/contract/calls.ts';
import type { BackupPlan } from '../../../shared/model/backup.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import type { Sync } from '../../engine/open-volumes.ts';
import { commonParents, type ParentPair } from '../../plan/parents.ts';
import type { Context } from '../context.ts';
import { routeOf, type Route } from './route.ts';

const PARENTS_PLANNED = 3;

export type Candidate = BackupPlan['candidates'][number];

/** The sizes of each way to send, smallest first; a writable source as it is now. */
export async function planBackup(
  { source, target }: CheckedInput<'backup.plan'>,
  context: Context,
): Promise<BackupPlan> {
  const route = await routeOf(source, target, context);
  const { pairs, notes } = commonParents(route.source, route.local, route.remote);
  const candidates = await sizesOf(route, route.source, [...nearest(pairs), null], context);
  const { freeBytes } = route.to.volume;
  const smallest = candidates[0]!;
  return {
    candidates: [...candidates],
    targetFreeBytes: freeBytes,
    fits: freeBytes === null || smallest.bytes <= freeBytes,
    notes: [...notes],
  };
}

/** Beyond these, older parents only make the stream larger. */
export function nearest(pairs: readonly ParentPair[]): Subvolume[] {
  return pairs.slice(0, PARENTS_PLANNED).map(({ local }) => local);
}

/** Plans without data against each parent, null being the full send; the smallest first. */
export async function sizesOf(
  route: Route,
  snapshot: Subvolume,
  parents: readonly (Subvolume | null)[],
  { withEngine }: Context,
  cancel?: CancelToken,
  resumeFrom = 0,
): Promise<readonly Candidate[]> {
  const sync: Sync = snapshot.readOnly ? 'commit' : 'all';
  const input = {
    volume: { ...route.from.input, sync },
    snapshotId: snapshot.subvolumeId,
    parentIds: parents.map((parent) => parent?.subvolumeId ?? null),
    allowWritable: !snapshot.readOnly,
    resumeFrom,
  };
  const sizes = await withEngine((engine) =>
    engine.run('planSends', input, cancel ? { cancel } : {}),
  );
  const candidates = sizes.map((counts, i) => ({ parent: parents[i]!, ...counts }));
  return candidates.sort((a, b) => a.bytes - b.bytes || (a.parent === null ? 1 : -1));
}
