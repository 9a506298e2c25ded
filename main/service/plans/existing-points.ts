import { LOCAL_PART, type PlanDraft } from '../../../shared/model/plan.ts';
import { placeId, targetKey } from '../../../shared/model/plan-target.ts';
import type { Retention } from '../../../shared/model/retention.ts';
import type { RetainedPoint } from '../../plan/retention.ts';
import { rulesAt } from '../../plan/rules-at.ts';
import type { Context } from '../context.ts';
import { findSubvolume } from '../handlers/snapshots.ts';
import { otherPlansOf } from './other-plans.ts';
import { pinsOf } from './pins/pins-of.ts';

interface Existing {
  readonly points: readonly RetainedPoint[];
  /** What is said to be kept of them, in the draft and by other plans. */
  readonly rules: readonly Retention[];
}

/**
 * The points of the plan's first source that are at a place already, by what is known of it,
 * with what keeps them whatever the rules say.
 *
 * @param planId the plan that the draft is of; null: a new one.
 */
export async function existingAt(
  draft: PlanDraft,
  planId: string | null,
  place: string,
  context: Context,
): Promise<Existing> {
  const [source] = draft.sources;
  const target = draft.targets.find((one) => targetKey(one) === place);
  const id = place === LOCAL_PART ? source!.volumeId : target && placeId(target);
  const found = id && (await findSubvolume(source!, context).catch(() => undefined));
  if (!id || !found || found.subvolume.uuid === null) return { points: [], rules: [] };
  const { subvolume, subvolumes } = found;
  const facts = { sourceUuid: found.subvolume.uuid, sourceVolumeId: subvolume.volumeId };
  const points = context.history.points.list(new Set(), facts.sourceUuid);
  const pins = pinsOf({ ...facts, points, subvolumes, targetFolders: [] }, context);
  const drafts = [draft, ...(await otherPlansOf(subvolume, planId, context))];
  return {
    points: points.flatMap(({ pointId, takenAtMs, copies }) =>
      copies.some(({ volumeId }) => volumeId === id)
        ? [{ takenAtMs, pins: pins.get(pointId) ?? [] }]
        : [],
    ),
    rules: drafts.flatMap((one) => rulesAt(id, facts.sourceVolumeId, one)),
  };
}
