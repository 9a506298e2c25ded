import type { PlanOptions, PlanTarget } from '../../../shared/model/plan.ts';
import type { Drives } from '../../drives/drives.ts';
import type { World } from '../../plan/decide.ts';
import { mountedVolumes } from '../volumes/mounted.ts';
import { surroundings } from './surroundings.ts';

/** What is here now: a cheap look, no device is read. */
export function worldNow({ latest }: Pick<Drives, 'latest'>): Omit<World, 'happened'> {
  const mounted = new Set(mountedVolumes().map(({ fsid }) => fsid));
  const plugged = new Set(
    latest.filter(({ state }) => state !== 'away').map(({ driveId }) => driveId),
  );
  const isHere = ({ volumeId }: PlanTarget, { mountDrive }: PlanOptions): boolean =>
    mounted.has(volumeId) || (mountDrive && plugged.has(volumeId));
  return {
    sourceIsHere: (volumeId) => mounted.has(volumeId),
    targetIsHere: isHere,
    ...surroundings(),
  };
}
