import { printable } from '../../../shared/model/bytes-text.ts';
import type { CheckedInput } from '../../../shared/contract/calls.ts';
import type { Run } from '../../../shared/model/run.ts';
import type { Context } from '../context.ts';
import { restoreCommand } from '../command-line.ts';
import { noteLosses } from '../note-losses.ts';
import { restoreInput } from './restore-input.ts';

/** Counts, then copies: the run goes on when this returns. */
export async function startRestore(
  request: CheckedInput<'restore.start'>,
  context: Context,
): Promise<Run> {
  return context.runs.start(
    {
      kind: 'restore',
      title: titleOf(request),
      steps: ['plan', 'copy'],
      source: { ...request.point, path: request.paths[0]! },
      commandLine: '',
    },
    async (run) => {
      run.step('plan');
      const { input, point } = await restoreInput(request, context);
      run.typed(restoreCommand(input, point.path));
      return context.withEngine(async (engine) => {
        const options = { cancel: run.cancel };
        const plan = await engine.run('planRestore', input, options);
        run.plan(plan.bytes, plan.files);
        run.step('copy', `${plan.files} files`);
        const summary = await engine.run('restore', input, {
          ...options,
          onProgress: ({ bytes, files, current }) => run.progress(bytes, files, current),
        });
        run.progress(summary.bytes, summary.files, '');
        noteLosses(summary, run);
        context.history.restores.record(run.runId, summary.items);
        const path = summary.items[0]?.path ?? null;
        const result = { point: null, parent: null, path, commands: 0 };
        return { result, detail: `${summary.files} files to ${printable(input.folder)}` };
      });
    },
  );
}

function titleOf({ paths, destination }: CheckedInput<'restore.start'>): string {
  const first = printable(paths[0]!.slice(paths[0]!.lastIndexOf('/') + 1)) || 'everything';
  const what = paths.length === 1 ? first : `${first} and ${paths.length - 1} more`;
  return destination.kind === 'original'
    ? `${what} to where it was`
    : `${what} to ${printable(destination.path)}`;
}
