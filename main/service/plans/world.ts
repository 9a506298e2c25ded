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
  const isHere = (target: PlanTarget, { mountDrive }: PlanOptions): boolean => {
    switch (target.kind) {
      case 'btrfs':
        return mounted.has(target.volumeId) || (mountDrive && plugged.has(target.volumeId));
      case 'files':
        return plugged.has(target.filesystemUuid);
      case 'ssh':
        return true; // whether it answers is seen by the run
    }
  };
  return {
    sourceIsHere: (volumeId) => mounted.has(volumeId),
    targetIsHere: isHere,
    ...surroundings(),
  };
}
