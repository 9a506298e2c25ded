import type { CallName } from '../../../shared/contract/calls.ts';
import { counted, noted, say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Context } from '../context.ts';
import { shell } from '../command-line.ts';
import { absolute, PROBLEMS_NOTED } from './archive-job.ts';
import type { Handlers } from './index.ts';
import { andMore } from '../note-losses.ts';
import { toFolder } from '../../runs/titles.ts';
import { fromErrorData, noteOfError } from '../../../shared/errors.ts';

type Names = Extract<CallName, `stream.${string}`>;

export const streamHandlers: Pick<Handlers, Names> = {
  'stream.look': async ({ paths }, context) => {
    const { runId } = context.runs.start(
      {
        kind: 'verify',
        title: titleOf(paths),
        steps: ['read'],
        source: null,
        commandLine: unpacked(paths, ['dendro', 'receive', '--dump']),
      },
      async (run) => {
        run.step('read');
        const hooks = {
          cancel: run.cancel,
          onProgress: ({ bytes, files }: { bytes: number; files: number }) =>
            run.progress(bytes, files, ''),
        };
        const report = await context.streamEngine.run('lookStream', { paths }, hooks);
        context.reports.keep(run.runId, { kind: 'stream', report });
        if (report.problem)
          run.note(
            noted(
              'shown-before',
              say`${{ reason: noteOfError(fromErrorData(report.problem)) }} What comes before it is shown.`,
            ),
          );
        return {
          result: null,
          detail: noted(
            'commands',
            say`${{ count: report.commands }} ${counted(report.commands, 'command', 'commands')}`,
          ),
        };
      },
    );
    return { runId };
  },

  'stream.found': async ({ runId }, { reports }) => reports.get(runId, 'stream').report,

  'stream.commands': async ({ runId, ...rest }, context) =>
    context.streamEngine.run('listStreamCommands', { paths: pathsOf(runId, context), ...rest }),

  'stream.search': async ({ runId, ...rest }, context) =>
    context.streamEngine.run('searchStreamCommands', { paths: pathsOf(runId, context), ...rest }),

  'stream.directory': async ({ runId, ...rest }, context) =>
    context.streamEngine.run('listStreamFolder', { paths: pathsOf(runId, context), ...rest }),

  'stream.unpack': async ({ paths, asSnapshot, ...input }, context) => {
    const folder = absolute(input.folder);
    const how = asSnapshot ? [] : ['--plain'];
    const { runId } = context.runs.start(
      {
        kind: 'restore',
        title: toFolder(titleOf(paths), folder),
        steps: ['receive'],
        source: null,
        commandLine: unpacked(paths, ['dendro', 'receive', ...how], [folder]),
      },
      async (run) => {
        run.step('receive');
        const verbInput = { paths, folder, asSnapshot };
        const done = await context.withEngine((engine) =>
          engine.run('unpackStream', verbInput, {
            cancel: run.cancel,
            onProgress: ({ bytes, files, current }) => run.progress(bytes, files, current),
          }),
        );
        for (const { path, what } of done.losses.slice(0, PROBLEMS_NOTED))
          run.note(noted('not-kept', say`not kept: ${{ path }}: ${{ what }}`));
        const more = done.lossCount - PROBLEMS_NOTED;
        if (more > 0) run.note(andMore(more));
        if (asSnapshot) context.hub.emit('volumes.changed', {});
        const path = done.paths[0] ?? folder;
        const result = { point: null, parent: null, path, commands: done.commands };
        return { result, detail: done.paths.map(printable).join(', ') };
      },
    );
    return { runId };
  },
};

function pathsOf(runId: string, { reports }: Context): readonly string[] {
  return reports.get(runId, 'stream').report.paths;
}

function titleOf(paths: readonly string[]): string {
  return printable(paths[0]!.slice(paths[0]!.lastIndexOf('/') + 1));
}

const UNPACK: readonly (readonly [ending: string, tool: string])[] = [
  ['.zst', 'zstd'],
  ['.zstd', 'zstd'],
  ['.gz', 'gzip'],
  ['.xz', 'xz'],
  ['.bz2', 'bzip2'],
  ['.lz4', 'lz4'],
  ['.lzo', 'lzop'],
];

/** What a person types: a packed file is unpacked first, by what its name says. */
function unpacked(
  paths: readonly string[],
  command: readonly string[],
  target: readonly string[] = [],
): string {
  const tool = UNPACK.find(([ending]) => paths[0]!.endsWith(ending))?.[1];
  if (tool !== undefined)
    return `${shell([tool, '-dc', ...paths])} | ${shell([...command, ...target])}`;
  if (paths.length > 1) return `${shell(['cat', ...paths])} | ${shell([...command, ...target])}`;
  return shell([...command, '-f', paths[0]!, ...target]);
}
