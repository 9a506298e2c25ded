import { driveOf, targetKey } from '../../../shared/model/plan-target.ts';
import type { DriveChange } from '../../drives/drives.ts';
import type { PlanHistory } from '../../history/plans.ts';
import type { Scheduler } from './scheduler.ts';

/** Makes due what waits for a drive that has just come; it runs as soon as it can. */
export function drivesArrived(
  { arrived }: Pick<DriveChange, 'arrived'>,
  plans: PlanHistory,
  scheduler: Pick<Scheduler, 'happened' | 'look'>,
): void {
  const ids = new Set(arrived.map(({ driveId }) => driveId));
  if (ids.size === 0) return;
  for (const { planId, draft } of plans.list()) {
    if (!draft.enabled || !draft.when.some(({ every }) => every === 'plug-in')) continue;
    const keys = draft.targets.filter((target) => ids.has(driveOf(target) ?? '')).map(targetKey);
    if (keys.length > 0) scheduler.happened(planId, keys);
  }
  // What was due by the clock and waited for the drive.
  scheduler.look();
}
