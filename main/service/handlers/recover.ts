import { conflict, fromErrorData, noteOfError } from '../../../shared/errors.ts';
import { counted, noted, say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import {
  placeRestoreCommand,
  placeRestoreInput,
  startPlaceRestore,
} from '../places/place-restore.ts';
import { recoverReport } from '../places/recover-report.ts';
import { absolute, begin, noteFailures } from './archive-job.ts';
import type { Handlers } from './index.ts';
import { openedIn, recoverFrom } from '../../runs/titles.ts';

type Names =
  'recover.look' | 'recover.report' | 'recover.open' | 'place.restorePreview' | 'place.restore';

export const recoverHandlers: Pick<Handlers, Names> = {
  'recover.look': async ({ path }, context) => {
    const full = absolute(path);
    const title = recoverFrom(full);
    const command = ['dendro', 'recover', full];
    return begin(context, { kind: 'rescue', title, step: 'look', command }, async (run, carry) => {
      const look = await carry('lookAround', { path: full });
      const report = await recoverReport(look, context);
      const streams = look.holders.map(({ files }) => files);
      context.reports.keep(run.runId, { kind: 'recover', report, streams });
      for (const { path: where, problem } of report.holders) {
        if (problem !== null)
          run.note(
            noted(
              'file-problem',
              say`${{ path: printable(where) }}: ${{ reason: noteOfError(fromErrorData(problem)) }}`,
            ),
          );
      }
      return {
        path: full,
        detail: noted(
          'points-in-places',
          say`${{ count: report.points.length }} ${counted(report.points.length, 'point', 'points')} in ${{ places: report.holders.length }} ${counted(report.holders.length, 'place', 'places')}`,
        ),
      };
    });
  },

  'recover.report': async ({ runId }, { reports }) => reports.get(runId, 'recover').report,

  'recover.open': async ({ runId, holder, folder, secrets }, context) => {
    const { streams } = context.reports.get(runId, 'recover');
    const files = streams[holder] ?? [];
    if (files.length === 0) throw noStreams();
    const full = absolute(folder);
    const title = openedIn(files.length, full);
    const command = ['dendro', 'archive', 'import', full, ...files];
    return begin(
      context,
      { kind: 'rescue', title, step: 'import', command },
      async (run, carry) => {
        const summary = await carry('importStreams', {
          ...{ folder: full, files: [...files], nowMs: context.nowMs(), takeCut: true },
          ...(secrets && { secrets }),
        });
        noteFailures(summary.failures, run);
        noteFailures(summary.cut, run);
        for (const { name, leftOut } of summary.imported) {
          const message = noted(
            'left-out-of',
            say`It is not whole and was left out of ${{ name: printable(name) }}.`,
          );
          const lost = leftOut.map((file) => ({ file, message }));
          noteFailures(lost, run);
        }
        return {
          path: full,
          detail: noted(
            'points',
            say`${{ count: summary.imported.length }} ${counted(summary.imported.length, 'point', 'points')}`,
          ),
        };
      },
    );
  },

  'place.restorePreview': async (request, context) => {
    const input = await placeRestoreInput(request, context);
    const plan = await context.withEngine((engine) => engine.run('planPlaceRestore', input));
    const commandLine = await placeRestoreCommand(request, context);
    return { ...plan, items: [...plan.items], holders: [...plan.holders], commandLine };
  },

  'place.restore': startPlaceRestore,
};

function noStreams(): Error {
  return conflict('no-streams', 'There are no loose stream files in this place.', {
    hint: 'Archives, volumes and folders can be looked into as they are.',
  });
}
