import type { PlanTarget } from '../../../shared/model/plan.ts';
import type { World } from '../../plan/decide.ts';
import { mountedVolumes } from '../volumes/mounted.ts';
import { surroundings } from './surroundings.ts';

/** What is here now: a cheap look, no device is read. */
export function worldNow(): Omit<World, 'happened'> {
  const mounted = new Set(mountedVolumes().map(({ fsid }) => fsid));
  return {
    sourceIsHere: (volumeId) => mounted.has(volumeId),
    targetIsHere: (target) => isHere(target, mounted),
    ...surroundings(),
  };
}

function isHere(target: PlanTarget, mounted: ReadonlySet<string>): boolean {
  switch (target.kind) {
    case 'btrfs':
      return mounted.has(target.volumeId);
    case 'files':
      return false;
    case 'ssh':
      return true; // whether it answers is seen by the run
  }
}
