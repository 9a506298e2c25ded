import { toErrorData } from '../../../../shared/errors.ts';
import { printable } from '../../../../shared/model/bytes-text.ts';
import type { PlanDraft } from '../../../../shared/model/plan.ts';
import type { PlanTarget } from '../../../../shared/model/plan-target.ts';
import type { Retention } from '../../../../shared/model/retention.ts';
import type { RestorePoint, Subvolume } from '../../../../shared/model/subvolume.ts';
import type { PlanRow } from '../../../history/plans.ts';
import { rulesAt } from '../../../plan/rules-at.ts';
import type { RunHandle } from '../../../runs/runs.ts';
import type { Context } from '../../context.ts';
import { joined } from '../../volumes/mounted-path.ts';
import type { KnownVolume } from '../../volumes/volume-book.ts';
import { membersOf } from '../members.ts';
import { otherPlansOf } from '../other-plans.ts';
import { pinsOf } from '../pins/pins-of.ts';
import { stderr } from '../../../linux/stderr.ts';

/** A source of the plan, and what retention needs to know of it. */
export interface Pruned {
  readonly plan: PlanRow;
  readonly sourceUuid: string;
  readonly sourceVolumeId: string;
  /** Restore points of the source, newest first. */
  readonly points: readonly RestorePoint[];
  readonly subvolumes: readonly Subvolume[];
  readonly volumes: readonly KnownVolume[];
  /** Why points stay whatever the rules say. */
  readonly pins: ReadonlyMap<string, readonly string[]>;
  /** Of all plans that back it up, this one too: what any of them keeps stays. */
  readonly drafts: readonly PlanDraft[];
  /** The place is full: what goes must have made its room when the pruning ends. */
  readonly isFull: boolean;
}

/** Whether anything was deleted. */
export type PruneAt = (pruned: Pruned) => Promise<boolean>;

/**
 * Prunes each source of a plan at one place, so that only points go that Dendro itself made, or
 * those of other tools where the plan adopts them; and never the newest one that a source and a
 * target share: it is the parent of the next backup, also while the drive is away. What goes
 * wrong is no failure of the backup: a run tells of it, or the log.
 *
 * @returns whether anything was deleted.
 */
export async function pruneEach(
  plan: PlanRow,
  target: PlanTarget | null,
  at: PruneAt,
  context: Context,
  isFull = false,
): Promise<boolean> {
  let hasMadeRoom = false;
  try {
    for (const source of await sourcesOf(plan, target, context)) {
      if (context.runs.isClosed) break;
      if (await at({ ...source, isFull })) hasMadeRoom = true;
    }
  } catch (error) {
    stderr.write(`${plan.draft.name}: ${toErrorData(error).message}\n`);
  }
  return hasMadeRoom;
}

/** Behind these the next would fail, too: a connection or a drive that is lost. */
const ENDING = new Set(['Cancelled', 'Io']);

/**
 * Deletes one after the other. One that cannot be deleted (another program is sending it) keeps
 * no other from it: what went wrong first is thrown when all have been tried.
 */
export async function deleteEach<T>(
  all: readonly T[],
  run: RunHandle,
  pathOf: (one: T) => string,
  deleteOne: (one: T) => Promise<void>,
): Promise<void> {
  let first: { readonly error: unknown } | undefined;
  run.plan(0, all.length);
  for (const [i, one] of all.entries()) {
    run.cancel.check();
    try {
      await deleteOne(one);
    } catch (error) {
      if (ENDING.has(toErrorData(error).kind)) throw error;
      first ??= { error };
    }
    run.progress(0, i + 1, printable(pathOf(one)));
  }
  if (first) throw first.error;
}

async function sourcesOf(
  plan: PlanRow,
  target: PlanTarget | null,
  context: Context,
): Promise<Omit<Pruned, 'isFull'>[]> {
  const { members } = await membersOf(plan.draft.sources, context);
  const { volumes, subvolumes } = await context.points.look();
  const folder = target && folderOf(target, volumes);
  const pruned: Omit<Pruned, 'isFull'>[] = [];
  for (const { subvolume } of members) {
    const { volumeId, uuid } = subvolume;
    if (uuid === null) continue;
    const points = context.points.list(volumes, uuid);
    const facts = {
      ...{ sourceUuid: uuid, sourceVolumeId: volumeId, points, subvolumes },
      targetFolders: folder ? [folder] : [],
    };
    const drafts = [plan.draft, ...(await otherPlansOf(subvolume, plan.planId, context))];
    pruned.push({ plan, volumes, ...facts, pins: pinsOf(facts, context), drafts });
  }
  return pruned;
}

/** The rule that is carried out, and whatever else is said about what to keep of the source there. */
export function rulesOf(
  rule: Retention,
  place: string,
  { drafts, sourceVolumeId }: Pruned,
): [Retention, ...Retention[]] {
  return [rule, ...drafts.flatMap((draft) => rulesAt(place, sourceVolumeId, draft))];
}

/** Where a target on a volume that is here keeps its mark. */
function folderOf(target: PlanTarget, volumes: readonly KnownVolume[]): string | undefined {
  if (target.kind !== 'btrfs') return undefined;
  const known = volumes.find(({ volume }) => volume.volumeId === target.volumeId);
  const mount = known?.volume.mounts.find(({ readOnly }) => !readOnly);
  return mount && joined(mount.path, target.folder);
}
