import { printable } from '../../../shared/model/bytes-text.ts';
import { counted, noted, say, type Note } from '../../../shared/said.ts';
import type { RescueOutcome } from '../../../shared/model/rescue.ts';
import type { Engine } from '../../engine/engine.ts';
import type { RunHandle } from '../../runs/runs.ts';
import { shell } from '../command-line.ts';
import type { Handlers } from './index.ts';
import { andMore } from '../note-losses.ts';
import { lookAt, toFolder } from '../../runs/titles.ts';

type Names = 'rescue.look' | 'rescue.found' | 'rescue.list' | 'rescue.start' | 'rescue.report';

/** More than these are told as a number. */
const LOSSES_NOTED = 20;

export const rescueHandlers: Pick<Handlers, Names> = {
  'rescue.look': async ({ paths }, context) => {
    const { runId } = context.runs.start(
      {
        kind: 'rescue',
        title: lookAt(paths),
        steps: ['look'],
        source: null,
        commandLine: shell(['dendro', 'rescue', ...paths]),
      },
      async (run) => {
        run.step('look');
        const report = await context.rescueEngine.run('rescueLook', { paths }, hooks(run));
        context.reports.keep(run.runId, { kind: 'rescue-look', report, paths });
        return { result: null, detail: report.entry };
      },
    );
    return { runId };
  },

  'rescue.found': async ({ runId }, { reports }) => reports.get(runId, 'rescue-look').report,

  'rescue.list': async ({ runId, ...rest }, { reports, rescueEngine }) => {
    const { paths } = reports.get(runId, 'rescue-look');
    return rescueEngine.run('rescueList', { paths, ...rest });
  },

  'rescue.start': async ({ paths, folder, subvolumeIds }, context) => {
    const { runId } = context.runs.start(
      {
        kind: 'rescue',
        title: toFolder(paths.join(', '), folder),
        steps: ['copy'],
        source: null,
        commandLine: shell(['dendro', 'rescue', '--to', folder, ...paths]),
      },
      async (run) => {
        run.step('copy');
        const input = { paths, folder, subvolumeIds };
        const report = await context.rescueEngine.run('rescueCopy', input, hooks(run));
        context.reports.keep(run.runId, { kind: 'rescue', report });
        const result = { point: null, parent: null, path: folder, commands: 0 };
        return { result, detail: concluded(report, run) };
      },
    );
    return { runId };
  },

  'rescue.report': async ({ runId }, { reports }) => reports.get(runId, 'rescue').report,
};

function hooks(run: RunHandle): Parameters<Engine['run']>[2] {
  return {
    cancel: run.cancel,
    onProgress: ({ bytes, files, current }) => run.progress(bytes, files, current),
  };
}

/** What was lost, in the run's own notes. */
function concluded(report: RescueOutcome, run: RunHandle): Note {
  const { losses, lossesLeftOut, failed, lost, subvolumes } = report;
  for (const { path, what, reason } of losses.slice(0, LOSSES_NOTED)) {
    run.note(lostNote(what, printable(path) || '/', reason));
  }
  const more = losses.length + lossesLeftOut - LOSSES_NOTED;
  if (more > 0) run.note(andMore(more));
  for (const { subvolumeId, reason } of failed) {
    run.note(noted('nothing-of', say`Nothing of subvolume ${{ subvolumeId }}: ${{ reason }}`));
  }
  if (lost.length > 0)
    run.note(
      noted(
        'blocks-lost',
        say`${{ count: lost.length }} ${counted(lost.length, 'tree block is', 'tree blocks are')} lost.`,
      ),
    );
  const files = subvolumes.reduce((sum, one) => sum + one.files, 0);
  return noted(
    'files-of-subvolumes',
    say`${{ count: files }} ${counted(files, 'file', 'files')} of ${{ subvolumes: subvolumes.length }} ${counted(subvolumes.length, 'subvolume', 'subvolumes')}`,
  );
}

function lostNote(what: RescueOutcome['losses'][number]['what'], path: string, reason: Note): Note {
  const told = say`Lost ${what} of ${{ path }}: ${{ reason }}`;
  switch (what) {
    case 'data':
      return noted('rescue-lost-data', told);
    case 'file':
      return noted('rescue-lost-file', told);
    case 'directory':
      return noted('rescue-lost-directory', told);
    case 'properties':
      return noted('rescue-lost-properties', told);
    case 'map':
      return noted('rescue-lost-map', told);
    case 'special':
      return noted('rescue-lost-special', told);
  }
}
