import type { Loss } from '../engine/sink/loss-report.ts';
import type { RunHandle } from '../runs/runs.ts';

/** More than these are told as a number. */
const LOSSES_SHOWN = 20;

/** What the target could not keep, in the run's own notes. */
export function noteLosses(
  { losses, lossCount }: { readonly losses: readonly Loss[]; readonly lossCount: number },
  run: RunHandle,
): void {
  for (const { path, what } of losses.slice(0, LOSSES_SHOWN)) run.note(`${path}: ${what}`);
  if (lossCount > LOSSES_SHOWN) run.note(`and ${lossCount - LOSSES_SHOWN} more of the kind`);
}
