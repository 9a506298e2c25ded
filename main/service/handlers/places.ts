import { counted, noted, say } from '../../../shared/said.ts';
import { ComparisonReport } from '../places/comparison-report.ts';
import { copyPlace } from '../places/copy-place.ts';
import { placeInput, placeText } from '../places/place-input.ts';
import { begin } from './archive-job.ts';
import type { Handlers } from './index.ts';
import { compareTitle } from '../../runs/titles.ts';

type Names =
  | 'place.ofCopy'
  | 'place.directory'
  | 'place.preview'
  | 'comparison.start'
  | 'comparison.summary'
  | 'comparison.list'
  | 'comparison.folder';

export const placeHandlers: Pick<Handlers, Names> = {
  'place.ofCopy': async ({ pointId, volumeId }, context) => {
    const volumes = await context.volumes.known();
    const point = context.points.list(volumes).find((one) => one.pointId === pointId);
    const copy = point?.copies.find((one) => one.volumeId === volumeId);
    return { place: copy?.present === true ? copyPlace(copy, context) : null };
  },

  'place.directory': async ({ place, ...rest }, context) =>
    context.engine.run('listPlaceFolder', {
      ...rest,
      place: await placeInput(place, context),
      pastDamage: true,
    }),

  'place.preview': async ({ place, ...rest }, context) =>
    context.engine.run('previewPlaceFile', { place: await placeInput(place, context), ...rest }),

  'comparison.start': async ({ from, to }, context) => {
    const inputs = { from: await placeInput(from, context), to: await placeInput(to, context) };
    const [older, newer] = [await placeText(from, context), await placeText(to, context)];
    const title = compareTitle(older.name, newer.name);
    const command = ['dendro', 'diff', ...older.words, ...newer.words];
    const job = { kind: 'compare' as const, title, step: 'compare', command };
    return begin(context, job, async (run, carry) => {
      const { differences, summary } = await carry('comparePlaces', inputs);
      context.reports.keep(run.runId, {
        kind: 'comparison',
        report: new ComparisonReport(summary, differences),
      });
      for (const note of summary.notes) run.note(note);
      if (summary.unreadableCount > 0) {
        run.note(
          noted(
            'unreadable-different',
            say`${{ count: summary.unreadableCount }} could not be read and ${counted(summary.unreadableCount, 'is', 'are')} told as different.`,
          ),
        );
      }
      const { added, removed, moved, modified, metadata } = summary.counts;
      const detail = noted(
        'differences',
        say`${{ added }} added, ${{ removed }} removed, ${{ moved }} moved, ${{ modified }} modified, ${{ metadata }} with other properties only`,
      );
      return { path: null, detail };
    });
  },

  'comparison.summary': async ({ runId }, { reports }) =>
    reports.get(runId, 'comparison').report.summary,

  'comparison.list': async ({ runId, below, kinds, offset, limit }, { reports }) => {
    const found = reports.get(runId, 'comparison').report.list(below, kinds);
    return { differences: found.slice(offset, offset + limit), total: found.length };
  },

  'comparison.folder': async ({ runId, path, offset, limit }, { reports }) => {
    const entries = reports.get(runId, 'comparison').report.folder(path);
    return { entries: entries.slice(offset, offset + limit), total: entries.length };
  },
};
