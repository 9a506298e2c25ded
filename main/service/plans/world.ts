import type { PlanOptions } from '../../../shared/model/plan.ts';
import { driveOf, type PlanTarget } from '../../../shared/model/plan-target.ts';
import type { Drives } from '../../drives/drives.ts';
import type { Surroundings } from '../../plan/conditions.ts';
import type { World } from '../../plan/decide.ts';
import { mountedVolumes } from '../volumes/mounted.ts';

/** What is here now: a cheap look, no device is read. */
export function worldNow(
  { latest }: Pick<Drives, 'latest'>,
  surroundings: Surroundings,
): Omit<World, 'happened'> {
  const mounted = new Set(mountedVolumes().map(({ fsid }) => fsid));
  const plugged = new Set(
    latest.filter(({ state }) => state !== 'away').map(({ driveId }) => driveId),
  );
  for (const { driveId, state } of latest) if (state === 'mounted') mounted.add(driveId);
  const isHere = (target: PlanTarget, { mountDrive }: PlanOptions): boolean => {
    const drive = driveOf(target);
    // Whether another computer is there is seen when it is called.
    if (drive === null) return true;
    return mounted.has(drive) || (mountDrive && plugged.has(drive));
  };
  return {
    sourceIsHere: (volumeId) => mounted.has(volumeId),
    targetIsHere: isHere,
    ...surroundings,
  };
}
