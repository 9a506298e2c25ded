import type { PlanDraft } from '../../shared/model/plan.ts';
import { isSamePlace, placeId } from '../../shared/model/plan-target.ts';
import type { Retention } from '../../shared/model/retention.ts';

/**
 * What a plan says is to be kept at a place of a source: by the rule of this computer where that
 * is the source's own volume, and by those of its targets.
 */
export function rulesAt(
  place: string,
  sourceVolumeId: string,
  { keepLocal, targets }: Pick<PlanDraft, 'keepLocal' | 'targets'>,
): Retention[] {
  const there = targets.filter((target) => isSamePlace(placeId(target), place));
  return [...(place === sourceVolumeId ? [keepLocal] : []), ...there.map(({ keep }) => keep)];
}
