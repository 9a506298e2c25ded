import { usage } from '../../../shared/errors.ts';
import { counted, say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Retention } from '../../../shared/model/retention.ts';
import type { PruneSummary } from '../../archive/prune/prune-archive.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { printJson, printLines } from '../output.ts';
import { archiveFolder, printNotes, runVerb } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';

const PERIODS = ['latest', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
const keepOptions = {
  latest: { type: 'string', value: 'N', help: 'keep the newest N points of each source' },
  hourly: { type: 'string', value: 'N', help: 'and the last point of each of N hours' },
  daily: { type: 'string', value: 'N', help: 'and of each of N days' },
  weekly: { type: 'string', value: 'N', help: 'and of each of N weeks' },
  monthly: { type: 'string', value: 'N', help: 'and of each of N months' },
  yearly: { type: 'string', value: 'N', help: 'and of each of N years' },
} as const;

export const command = defineCommand({
  usage: [
    'archive prune [OPTIONS] FOLDER --latest N [--daily N ...]',
    'archive prune [OPTIONS] FOLDER POINT ...',
  ],
  summary: 'removes restore points; what stays can still be restored',
  details:
    'An increment that stays while the point it builds on goes is made a full stream first;\n' +
    'with --keep-needed the point it builds on stays instead.',
  options: {
    ...jsonOption,
    ...keepOptions,
    source: { type: 'string', value: 'FOLDER', help: 'only the points of this source' },
    'keep-needed': { type: 'boolean', help: 'keep points that others build on' },
    unfinished: { type: 'boolean', help: 'remove what interrupted exports left as well' },
    'dry-run': { type: 'boolean', short: 'n', help: 'say what would be done' },
    ...secretOptions,
  },
  arguments: { least: 1, most: 10_000 },
  async run({ options, positionals: [folder, ...points] }) {
    const given = PERIODS.filter((period) => options[period] !== undefined);
    if (given.length > 0 === points.length > 0 && !(given.length === 0 && options.unfinished)) {
      throw usage(
        'bad-arguments',
        'Say what to keep (--latest N ...), or which points to remove.',
        {
          hint: 'See: dendro archive prune --help',
        },
      );
    }
    const keep = given.length === 0 ? undefined : retention(options);
    const summary = await withSecrets(options, (secrets) =>
      runVerb(
        'pruneArchive',
        {
          ...{ folder: archiveFolder(folder!), secrets, nowMs: Date.now() },
          ...(keep === undefined ? { points } : { keep }),
          ...(options.source !== undefined && { source: options.source }),
          needed: options['keep-needed'] === true ? 'keep' : 'compose',
          isDryRun: options['dry-run'] === true,
          removeUnfinished: options.unfinished === true,
        },
        options.json === true,
      ),
    );
    printNotes(summary.notes);
    if (options.json) printJson(summary);
    else printLines(lines(summary, options['dry-run'] === true));
    return EXIT.ok;
  },
});

function retention(options: { readonly [P in (typeof PERIODS)[number]]?: string }): Retention {
  const number = (period: (typeof PERIODS)[number], fallback: number): number => {
    const text = options[period];
    if (text === undefined) return fallback;
    if (/^\d+$/.test(text) && Number(text) >= fallback && Number(text) <= 10_000)
      return Number(text);
    throw usage('bad-option', say`--${{ period }} takes a number from ${{ fallback }} to 10000.`);
  };
  return {
    latest: number('latest', 1),
    hourly: number('hourly', 0),
    daily: number('daily', 0),
    weekly: number('weekly', 0),
    monthly: number('monthly', 0),
    yearly: number('yearly', 0),
    minAgeHours: 0,
    minFreePercent: 0,
  };
}

function lines(
  { removed, composed, keptForOthers, kept, unfinishedRemoved }: PruneSummary,
  isDryRun: boolean,
): string[] {
  return [
    ...removed.map((name) => `${isDryRun ? 'would remove' : 'removed'} ${printable(name)}`),
    ...composed.map((name) => `${isDryRun ? 'would make full' : 'made full'} ${printable(name)}`),
    ...keptForOthers.map((name) => `kept, others build on it: ${printable(name)}`),
    ...unfinishedRemoved.map((name) => `removed, unfinished: ${printable(name)}`),
    stays(kept.length, isDryRun),
  ];
}

function stays(count: number, isDryRun: boolean): string {
  const points = `${count} ${counted(count, 'restore point', 'restore points')}`;
  return `${points} ${isDryRun ? 'would stay' : counted(count, 'stays', 'stay')}`;
}
