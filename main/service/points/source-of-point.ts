import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { History } from '../../history/history.ts';
import { streamUuid } from '../../plan/parents.ts';

type Known = Pick<History, 'points' | 'sentWithout'>;

/**
 * The source that a restore point is one of: after a rollback what stands where the point was taken,
 * of another tool's snapshots not what they were made of on the way. What the point itself says is
 * all there is before it was looked at.
 */
export function sourceOfPoint(point: Subvolume, { points, sentWithout }: Known): string | null {
  const uuid = streamUuid(point) ?? '';
  const pointId = sentWithout.get(uuid)?.pointId ?? uuid;
  return points.known().get(pointId)?.sourceUuid ?? point.parentUuid;
}
