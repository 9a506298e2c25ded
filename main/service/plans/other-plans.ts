import type { PlanDraft, PlanSource } from '../../../shared/model/plan.ts';
import type { Context } from '../context.ts';
import { membersOf } from './members.ts';

/**
 * All plans that back up a subvolume, but for the one of that id: what they keep of it stays,
 * whichever of them ran last. Also those that are paused: what they have made is wanted.
 */
export async function otherPlansOf(
  source: Pick<PlanSource, 'volumeId' | 'subvolumeId'>,
  planId: string | null,
  context: Context,
): Promise<PlanDraft[]> {
  const found: PlanDraft[] = [];
  for (const row of context.history.plans.list()) {
    const onVolume = row.draft.sources.filter(({ volumeId }) => volumeId === source.volumeId);
    if (row.planId === planId || onVolume.length === 0) continue;
    const { members } = await membersOf(onVolume, context);
    const isOf = members.some(({ subvolume }) => subvolume.subvolumeId === source.subvolumeId);
    if (isOf) found.push(row.draft);
  }
  return found;
}
