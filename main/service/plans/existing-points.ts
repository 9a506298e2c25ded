import { LOCAL_PART, type PlanDraft } from '../../../shared/model/plan.ts';
import { placeId, targetKey } from '../../../shared/model/plan-target.ts';
import type { Context } from '../context.ts';
import { findSubvolume } from '../handlers/snapshots.ts';

/**
 * When the points that are at a place already were taken, by what is known of it: those of the plan's first source.
 */
export async function existingAt(
  { sources, targets }: PlanDraft,
  place: string,
  context: Context,
): Promise<number[]> {
  const target = targets.find((one) => targetKey(one) === place);
  const [source] = sources;
  const volumeId = place === LOCAL_PART ? source!.volumeId : target && placeId(target);
  if (volumeId === undefined) return [];
  const found = await findSubvolume(source!, context).catch(() => undefined);
  const uuid = found?.subvolume.uuid;
  return uuid ? context.history.points.takenAt(uuid, volumeId) : [];
}
