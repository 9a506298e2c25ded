import { toErrorData } from '../../../../shared/errors.ts';
import type { PlanDraft } from '../../../../shared/model/plan.ts';
import type { PlanTarget } from '../../../../shared/model/plan-target.ts';
import type { Retention } from '../../../../shared/model/retention.ts';
import type { RestorePoint, Subvolume } from '../../../../shared/model/subvolume.ts';
import type { PlanRow } from '../../../history/plans.ts';
import { rulesAt } from '../../../plan/rules-at.ts';
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
}

export type PruneAt = (pruned: Pruned) => Promise<void>;

/**
 * Prunes each source of a plan at one place, so that only points go that Dendro itself made, or
 * those of other tools where the plan adopts them; and never the newest one that a source and a
 * target share: it is the parent of the next backup, also while the drive is away. What goes
 * wrong is no failure of the backup: a run tells of it, or the log.
 */
export async function pruneEach(
  plan: PlanRow,
  target: PlanTarget | null,
  at: PruneAt,
  context: Context,
): Promise<undefined> {
  try {
    for (const pruned of await sourcesOf(plan, target, context)) {
      if (context.runs.isClosed) return;
      await at(pruned);
    }
  } catch (error) {
    stderr.write(`${plan.draft.name}: ${toErrorData(error).message}\n`);
  }
}

async function sourcesOf(
  plan: PlanRow,
  target: PlanTarget | null,
  context: Context,
): Promise<Pruned[]> {
  const { members } = await membersOf(plan.draft.sources, context);
  const { volumes, subvolumes } = await context.points.look();
  const folder = target && folderOf(target, volumes);
  const pruned: Pruned[] = [];
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
