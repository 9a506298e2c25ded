import { driveOf, hostOf, type PlanTarget } from '../../shared/model/plan-target.ts';
import type { Volume } from '../../shared/model/volume.ts';

/** What to call a target: the volume's or the computer's name; null when its drive is away. */
export function targetName(
  target: PlanTarget | undefined,
  volumes: readonly Volume[],
): string | null {
  if (target?.kind === 'ssh') return hostOf(target);
  const drive = target && driveOf(target);
  return volumes.find((volume) => volume.volumeId === drive)?.name ?? null;
}
