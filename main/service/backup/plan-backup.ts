import type { CheckedInput } from '../../../shared/contract/calls.ts';
import type { BackupPlan } from '../../../shared/model/backup.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import { commonParents, type ParentPair } from '../../plan/parents.ts';
import type { Context } from '../context.ts';
import { routeOf, type Route } from './route.ts';

/** Beyond these, older parents only make the stream larger. */
const PARENTS_PLANNED = 3;

export type Candidate = BackupPlan['candidates'][number];

/** The sizes of each way to send, smallest first; a writable source as it is now. */
export async function planBackup(
  { source, target }: CheckedInput<'backup.plan'>,
  context: Context,
): Promise<BackupPlan> {
  const route = await routeOf(source, target, context);
  const { pairs, notes } = commonParents(route.source, route.local, route.remote);
  const candidates = await sizesOf(route, route.source, pairs, true, context);
  const { freeBytes } = route.to.volume;
  const smallest = candidates[0]!;
  return {
    candidates: [...candidates],
    targetFreeBytes: freeBytes,
    fits: freeBytes === null || smallest.bytes <= freeBytes,
    notes: [...notes],
  };
}

/** Plans without data against the nearest parents, and in full where that is asked for. */
export async function sizesOf(
  route: Route,
  snapshot: Subvolume,
  pairs: readonly ParentPair[],
  withFull: boolean,
  { withEngine }: Context,
  cancel?: CancelToken,
): Promise<readonly Candidate[]> {
  const parents: (Subvolume | null)[] = pairs.slice(0, PARENTS_PLANNED).map(({ local }) => local);
  if (withFull || parents.length === 0) parents.push(null);
  const input = {
    volume: {
      ...route.from.input,
      sync: snapshot.readOnly ? ('commit' as const) : ('all' as const),
    },
    snapshotId: snapshot.subvolumeId,
    parentIds: parents.map((parent) => parent?.subvolumeId ?? null),
    allowWritable: !snapshot.readOnly,
  };
  const sizes = await withEngine((engine) =>
    engine.run('planSends', input, cancel ? { cancel } : {}),
  );
  const candidates = sizes.map((counts, i) => ({ parent: parents[i]!, ...counts }));
  return candidates.sort((a, b) => a.bytes - b.bytes || (a.parent === null ? 1 : -1));
}
