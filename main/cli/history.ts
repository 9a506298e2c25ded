import { usage } from '../../shared/errors.ts';
import { printable } from '../../shared/model/bytes-text.ts';
import type { Run } from '../../shared/model/run.ts';
import { textOf } from '../../shared/said.ts';
import { openHistory, type History } from '../history/history.ts';
import { historyPath } from '../service/state-path.ts';
import { EXIT } from './exit-codes.ts';
import { countOf, defineCommand, jsonOption } from './options.ts';
import { duration, moment, printJson, printLines, size, tableOr } from './output.ts';
import { stderr } from '../linux/stderr.ts';

export const command = defineCommand({
  usage: ['history [--json] [--limit N] [RUN]'],
  summary: 'lists what Dendro did, newest first; with RUN, all of that one',
  details: 'RUN is an id from the list, or its beginning.',
  options: {
    ...jsonOption,
    limit: { type: 'string', value: 'N', help: 'how many (default 50)' },
  },
  arguments: { least: 0, most: 1 },
  run({ options, positionals: [named] }) {
    if (named !== undefined && options.limit !== undefined) throw oneRun();
    const limit = countOf('history', '--limit', options.limit ?? '50', Number.MAX_SAFE_INTEGER);
    const history = openHistory(historyPath(process.env, process.getuid?.() === 0));
    try {
      const shown = named === undefined ? newest(history, limit) : history.runs.beginning(named);
      if (options.json) printJson(shown);
      else if (named === undefined) {
        printLines(tableOr('Nothing has run yet.', HEADER, shown.map(row), [4]));
      } else if (shown.length > 0) printLines(shown.flatMap(details));
      else stderr.write(`There is no run ${printable(named)} in the history.\n`);
      return named && shown.length === 0 ? EXIT.no : EXIT.ok;
    } finally {
      history.close();
    }
  },
});

function newest(history: History, limit: number): Run[] {
  return history.runs.list({ offset: 0, limit }).runs;
}

function oneRun(): Error {
  return usage('bad-option', 'dendro history: --limit does nothing with a RUN.', {
    hint: 'See: dendro history --help',
  });
}

const HEADER = ['RUN', 'WHEN', 'WHAT', 'STATE', 'BYTES', 'TOOK', 'TITLE'];

function row(run: Run): string[] {
  return [
    run.runId.slice(0, 8),
    moment(run.startedAtMs),
    run.kind,
    run.error === null ? run.state : `${run.state} (${run.error.code})`,
    size(run.progress.bytes),
    run.endedAtMs === null ? '' : duration(run.endedAtMs - run.startedAtMs),
    printable(textOf(run.title)),
  ];
}

function details(run: Run): string[] {
  const steps = run.steps.map(
    (step) => `  ${step.name.padEnd(10)} ${step.state.padEnd(8)} ${textOf(step.detail)}`,
  );
  const error = run.error === null ? [] : [`  ${run.error.message}`, `  ${run.error.hint}`];
  return [row(run).join('  '), ...steps, ...run.notes.map((note) => `  ${textOf(note)}`), ...error];
}
