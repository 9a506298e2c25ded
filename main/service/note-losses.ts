import type { Loss } from '../engine/sink/loss-report.ts';
import { noted, say, type Note } from '../../shared/said.ts';
import type { RunHandle } from '../runs/runs.ts';

/** More than these are told as a number. */
const LOSSES_SHOWN = 20;

/** What the target could not keep, in the run's own notes. */
export function noteLosses(
  { losses, lossCount }: { readonly losses: readonly Loss[]; readonly lossCount: number },
  run: RunHandle,
): void {
  for (const { path, what } of losses.slice(0, LOSSES_SHOWN))
    run.note(noted('loss', say`${{ path }}: ${{ what }}`));
  if (lossCount > LOSSES_SHOWN)
    run.note(
      noted('more-of-kind', say`and ${{ count: lossCount - LOSSES_SHOWN }} more of the kind`),
    );
}

/** Behind a list that was cut. */
export function andMore(count: number): Note {
  return noted('and-more', say`and ${{ count }} more`);
}
