import { printable } from '../../../shared/model/bytes-text.ts';
import type { VerbContext } from '../../engine/context.ts';
import {
  planRestore,
  restore,
  type RestoreInput,
  type RestorePlan,
  type RestoreSummary,
} from '../../engine/verbs/restore.ts';
import { plainContext } from '../context.ts';
import { progressLine } from '../progress-line.ts';
import { recorded } from '../recorded.ts';

export function planAll(inputs: readonly RestoreInput[]): RestorePlan[] {
  return inputs.map((input) => planRestore(input, plainContext()));
}

/** @returns the run that it is recorded as; undefined when the history cannot be written. */
export async function restoreAll(
  inputs: readonly RestoreInput[],
): Promise<{ runId: string | undefined; summaries: RestoreSummary[] }> {
  const first = inputs[0]!;
  const name = printable(first.items[0]!.to.split('/').at(-1)!);
  return recorded(
    { kind: 'restore', title: `${name} to ${printable(first.folder)}`, steps: ['copy'] },
    (run, history) => {
      run?.step('copy');
      const { context, end } = shownContext();
      const summaries = inputs.map((input) => restore(input, context));
      end();
      const items = summaries.flatMap((summary) => summary.items);
      const madeFolders = summaries.flatMap((summary) => summary.madeFolders);
      if (run !== undefined) history?.restores.record(run.runId, { items, madeFolders });
      const files = summaries.reduce((sum, summary) => sum + summary.files, 0);
      const bytes = summaries.reduce((sum, summary) => sum + summary.bytes, 0);
      run?.progress(bytes, files, '');
      return { runId: run?.runId, summaries, path: items[0]?.path ?? null };
    },
  );
}

/** Says on a terminal how far it is. */
function shownContext(): { context: VerbContext; end: () => void } {
  const line = progressLine();
  const { cancel } = plainContext();
  return { context: { cancel, progress: line.show }, end: line.end };
}
