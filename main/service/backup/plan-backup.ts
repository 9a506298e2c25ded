import type { CheckedInput } from '../../../shared/contract/calls.ts';
import type { BackupPlan } from '../../../shared/model/backup.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import type { Sync } from '../../engine/open-volumes.ts';
import { commonParents, type ParentPair } from '../../plan/parents.ts';
import type { Context } from '../context.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';
import { routeOf } from './route.ts';

const PARENTS_PLANNED = 3;

/** A way to send: from nothing, or from a parent as the target has it. */
export interface Way {
  readonly parent: Subvolume | null;
  /** What the target has the parent without. */
  readonly parentExcludes: readonly string[];
}

export const IN_FULL: Way = { parent: null, parentExcludes: [] };

export type Candidate = BackupPlan['candidates'][number] & Way;

/** What is to be sent, and from where. */
export interface Outgoing {
  readonly from: KnownVolume;
  readonly snapshot: Subvolume;
  readonly excludes: readonly string[];
}

/** The sizes of each way to send, smallest first; a writable source as it is now. */
export async function planBackup(
  { source, target, excludes }: CheckedInput<'backup.plan'>,
  context: Context,
): Promise<BackupPlan> {
  const route = await routeOf(source, target, context, excludes);
  const formsOf = (uuid: string) => context.history.sentWithout.of(uuid);
  const { pairs, notes } = commonParents(route.source, route.local, route.remote, formsOf);
  const outgoing = { from: route.from, snapshot: route.source, excludes };
  const candidates = await sizesOf(outgoing, [...nearest(pairs), IN_FULL], context);
  const { freeBytes } = route.to.volume;
  const smallest = candidates[0]!;
  return {
    candidates: candidates.map(({ parent, commands, files, bytes }) => ({
      ...{ parent, commands, files, bytes },
    })),
    targetFreeBytes: freeBytes,
    fits: freeBytes === null || smallest.bytes <= freeBytes,
    notes: [...notes],
  };
}

/** Beyond these, older parents only make the stream larger. */
export function nearest(pairs: readonly ParentPair[]): Way[] {
  return pairs
    .slice(0, PARENTS_PLANNED)
    .map(({ local, excludes }) => ({ parent: local, parentExcludes: excludes }));
}

/** Plans without data each way; the smallest first. */
export async function sizesOf(
  { from, snapshot, excludes }: Outgoing,
  ways: readonly Way[],
  { withEngine }: Context,
  cancel?: CancelToken,
  resumeFrom = 0,
): Promise<readonly Candidate[]> {
  const sync: Sync = snapshot.readOnly ? 'commit' : 'all';
  const input = {
    volume: { ...from.input, sync },
    snapshotId: snapshot.subvolumeId,
    parentIds: ways.map(({ parent }) => parent?.subvolumeId ?? null),
    excludes,
    parentExcludes: ways.map(({ parentExcludes }) => parentExcludes),
    allowWritable: !snapshot.readOnly,
    resumeFrom,
  };
  const sizes = await withEngine((engine) =>
    engine.run('planSends', input, cancel ? { cancel } : {}),
  );
  const candidates = sizes.map((counts, i) => ({ ...ways[i]!, ...counts }));
  return candidates.sort((a, b) => a.bytes - b.bytes || (a.parent === null ? 1 : -1));
}
