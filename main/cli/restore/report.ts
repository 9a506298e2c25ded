import { printable } from '../../../shared/model/bytes-text.ts';
import { counted } from '../../../shared/said.ts';
import type { RestorePlan, RestoreSummary } from '../../engine/verbs/restore.ts';
import { printNotes } from '../archive/run-verb.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines, size } from '../output.ts';
import type { Restored } from './run.ts';
import { stderr } from '../../linux/stderr.ts';

const SHOWN = 1_000;

interface How {
  readonly json?: boolean | undefined;
}

/** @param asJson what --json shows. @returns the exit code. */
export function sayPlans(
  plans: readonly RestorePlan[],
  { json }: How,
  asJson: unknown = plans,
): number {
  if (json === true) printJson(asJson);
  else printLines(plans.flatMap(planLines));
  return plans.every(({ fits }) => fits) ? EXIT.ok : EXIT.no;
}

/** @param asJson what --json shows. @returns the exit code. */
export function sayRestored(
  { runId, summaries }: Restored,
  { json }: How,
  asJson: unknown = summaries,
): number {
  for (const { notes } of summaries) printNotes(notes);
  if (json === true) printJson(asJson);
  else printLines(summaryLines(summaries, runId));
  const isWhole = summaries.every(
    ({ damageCount, filesLeftOut }) => damageCount === 0 && filesLeftOut === 0,
  );
  return isWhole ? EXIT.ok : EXIT.no;
}

export function planLines(plan: RestorePlan): string[] {
  const { items, files, bytes, neededBytes, freeBytes, fits, sharesExtents, skipped } = plan;
  const how = sharesExtents ? 'shared with the snapshot' : `writes ${size(neededBytes)}`;
  return [
    ...items.map(({ from, to, aside }) => {
      const kept = aside === null ? '' : `; what is there becomes ${printable(aside)}`;
      return `${printable(from) || '/'} -> ${printable(to)}${kept}`;
    }),
    ...plan.holders.map(
      ({ program, processId, path }) => `${path} is open in ${program} (process ${processId})`,
    ),
    ...(skipped > 0 ? [`${skipped} left as they are`] : []),
    `${count(files)}, ${size(bytes)}, ${how}; ${size(freeBytes)} free${fits ? '' : ': it does not fit'}`,
  ];
}

export function summaryLines(
  summaries: readonly RestoreSummary[],
  runId: string | undefined,
): string[] {
  for (const summary of summaries) printTrouble(summary);
  const lines = summaries.flatMap(({ items }) =>
    items.map(({ path, kept }) => {
      const what = kept === null ? '' : `  (what was there: ${printable(kept)})`;
      return `${printable(path)}${what}`;
    }),
  );
  const sum = (of: (summary: RestoreSummary) => number): number =>
    summaries.reduce((total, summary) => total + of(summary), 0);
  const shared = sum(({ sharedBytes }) => sharedBytes);
  const skipped = sum((summary) => summary.skipped);
  return [
    ...lines,
    [
      `${count(sum(({ files }) => files))}, ${size(sum(({ bytes }) => bytes))}`,
      ...(shared > 0 ? [`${size(shared)} of it shared with the snapshot`] : []),
      ...(skipped > 0 ? [`${skipped} left as they are`] : []),
    ].join(', '),
    ...(runId === undefined ? [] : [`Undo: dendro restore --undo ${runId}`]),
  ];
}

/** On stderr: what is damaged, and what the target could not keep. */
function printTrouble({ losses, lossCount, damages, damageCount }: RestoreSummary): void {
  const say = (line: string): unknown => stderr.write(`${line}\n`);
  for (const { path, offset, lengthBytes, reason } of damages.slice(0, SHOWN)) {
    const range = offset === null ? '' : ` ${offset}+${lengthBytes ?? 0}`;
    say(`damaged: ${printable(path) || '/'}${range}: ${reason.text}`);
  }
  if (damageCount > SHOWN) say(`and ${damageCount - SHOWN} more damaged`);
  for (const { path, what } of losses.slice(0, SHOWN)) say(`not kept: ${path}: ${what.text}`);
  if (lossCount > SHOWN) say(`and ${lossCount - SHOWN} more`);
}

function count(files: number): string {
  return `${files} ${counted(files, 'file', 'files')}`;
}
