import type { RestorePlan } from '../../engine/verbs/restore.ts';
import type { PlaceRestoreSummary } from '../../places/restore/place-restore-job.ts';
import {
  planPlaceRestore,
  restorePlace,
  type RestorePlaceInput,
} from '../../places/restore/restore-place.ts';
import { plainContext } from '../context.ts';
import { progressLine } from '../progress-line.ts';
import { recorded } from '../recorded.ts';
import { toFolder } from '../../runs/titles.ts';

export interface Restored {
  /** What it is recorded as; undefined when the history cannot be written. */
  readonly runId: string | undefined;
  readonly summaries: readonly PlaceRestoreSummary[];
}
type Restore = (input: RestorePlaceInput) => Promise<PlaceRestoreSummary>;

export function planHere(input: RestorePlaceInput): Promise<RestorePlan> {
  return planPlaceRestore(input, plainContext());
}

/** In this process, and says on a terminal how far it is. */
export const restoreHere: Restore = async (input) => {
  const { cancel } = plainContext();
  const line = progressLine();
  try {
    return await restorePlace(input, { cancel, progress: line.show });
  } finally {
    line.end();
  }
};

/**
 * One run for all of them, with an undo.
 * @param made folders that were made for it, and go with the undo
 */
export function restoreAll(
  inputs: readonly RestorePlaceInput[],
  restore: Restore = restoreHere,
  made: readonly string[] = [],
): Promise<Restored> {
  const first = inputs[0]!;
  const name = first.items[0]!.to.split('/').at(-1)!;
  return recorded(
    { kind: 'restore', title: toFolder(name, first.folder), steps: ['copy'] },
    async (run, history) => {
      run?.step('copy');
      const summaries: PlaceRestoreSummary[] = [];
      try {
        for (const input of inputs) summaries.push(await restore(input));
      } finally {
        // Also where a later one fails: what stands there now can be taken back.
        const items = summaries.flatMap((summary) => summary.items);
        const below = summaries.flatMap((summary) => summary.madeFolders);
        const madeFolders = [...made, ...below];
        if (run !== undefined) history?.restores.record(run.runId, { items, madeFolders });
      }
      const files = summaries.reduce((sum, summary) => sum + summary.files, 0);
      const bytes = summaries.reduce((sum, summary) => sum + summary.bytes, 0);
      run?.progress(bytes, files, '');
      return { runId: run?.runId, summaries, path: summaries[0]!.items[0]?.path ?? null };
    },
  );
}
