import type { PlanTarget } from '../../shared/model/plan.ts';
import type { Volume } from '../../shared/model/volume.ts';

/** What to call a target: the volume's name; null when its drive is away. */
export function targetName(
  target: PlanTarget | undefined,
  volumes: readonly Volume[],
): string | null {
  return volumes.find((volume) => volume.volumeId === target?.volumeId)?.name ?? null;
}
