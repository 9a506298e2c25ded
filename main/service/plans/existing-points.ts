import { LOCAL_PART, type PlanDraft } from '../../../shared/model/plan.ts';
import { placeId, targetKey } from '../../../shared/model/plan-target.ts';
import type { RetainedPoint } from '../../plan/retention.ts';
import type { Context } from '../context.ts';
import { findSubvolume } from '../handlers/snapshots.ts';
import { pinsOf } from './pins/pins-of.ts';

/**
 * The points of the plan's first source that are at a place already, by what is known of it,
 * with what keeps them whatever the rules say.
 */
export async function existingAt(
  { sources, targets }: PlanDraft,
  place: string,
  context: Context,
): Promise<RetainedPoint[]> {
  const target = targets.find((one) => targetKey(one) === place);
  const [source] = sources;
  const id = place === LOCAL_PART ? source!.volumeId : target && placeId(target);
  if (id === undefined) return [];
  const found = await findSubvolume(source!, context).catch(() => undefined);
  const sourceUuid = found?.subvolume.uuid;
  if (!sourceUuid) return [];
  const points = context.history.points.list(new Set(), sourceUuid);
  const pins = pinsOf(
    {
      ...{ sourceUuid, sourceVolumeId: source!.volumeId, points },
      ...{ subvolumes: found.subvolumes, targetFolders: [] },
    },
    context,
  );
  return points.flatMap(({ pointId, takenAtMs, copies }) =>
    copies.some(({ volumeId }) => volumeId === id)
      ? [{ takenAtMs, pins: pins.get(pointId) ?? [] }]
      : [],
  );
}
