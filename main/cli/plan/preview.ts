import { usage } from '../../../shared/errors.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { counted, say } from '../../../shared/said.ts';
import { monthsAhead } from '../../../shared/model/months.ts';
import { LOCAL_PART, PlanDraft } from '../../../shared/model/plan.ts';
import { targetKey } from '../../../shared/model/plan-target.ts';
import { EXIT } from '../exit-codes.ts';
import { moment, printJson, printLines } from '../output.ts';
import type { PlanOptions } from '../plan.ts';
import { withService } from '../with-service.ts';
import { findPlan } from './find.ts';
import { partNames } from './target-names.ts';

const MONTHS = [1, 6, 24];

/** The next runs, and what will be kept at each place in one, six and twenty-four months. */
export async function previewPlan(options: PlanOptions, name: string): Promise<number> {
  const months = options.months === undefined ? MONTHS : [monthsOf(options.months)];
  const nowMs = Date.now();
  return withService(async (client) => {
    const plan = await findPlan(client, name);
    const { planId } = plan;
    const draft = PlanDraft.parse(plan);
    const keys = [LOCAL_PART, ...draft.targets.map(targetKey)];
    if (options.place !== undefined && !keys.includes(options.place))
      throw noSuchPlace(options.place, keys);
    const places = options.place === undefined ? keys : [options.place];
    const outlooks = [];
    for (const place of places) {
      for (const count of months) {
        const atMs = monthsAhead(nowMs, count);
        const outlook = await client.call('plans.preview', { draft, planId, place, atMs });
        outlooks.push({ place, months: count, ...outlook });
      }
    }
    if (options.json) printJson(outlooks);
    else {
      const names = await partNames(client, draft.targets);
      printLines(['next runs:', ...outlooks[0]!.nextRunsAtMs.map((at) => `  ${moment(at)}`)]);
      for (const { place, months: count, atMs, kept, gone } of outlooks) {
        const sorted = [...kept].sort((a, b) => b.takenAtMs - a.takenAtMs);
        printLines([
          `${names.get(place) ?? place}, in ${count} ${counted(count, 'month', 'months')} (${moment(atMs)}): ${kept.length} ${counted(kept.length, 'point', 'points')}`,
          ...sorted.map(({ takenAtMs, reasons }) => `  ${moment(takenAtMs)}  ${inWords(reasons)}`),
          ...gone.map(
            ({ takenAtMs, reasons }) => `  ${moment(takenAtMs)}  goes: ${inWords(reasons)}`,
          ),
        ]);
      }
    }
    return EXIT.ok;
  });
}

/** The codes of `RetentionVerdict`, for a person. */
const WORDS: Readonly<Record<string, string>> = {
  latest: 'one of the newest',
  hourly: 'the last of its hour',
  daily: 'the last of its day',
  weekly: 'the last of its week',
  monthly: 'the last of its month',
  yearly: 'the last of its year',
  'min-age': 'still too young to go',
  tagged: 'tagged',
  'parent-of-next': 'the next backup builds on it',
  'being-sent': 'being sent',
  'in-use': 'being restored from, or checked',
  'ahead-of-clock': 'taken by a clock that was ahead',
  'other-plan': 'another plan keeps it',
  'no-rule': 'no rule keeps it',
  space: 'to make room',
};

function inWords(reasons: readonly string[]): string {
  return reasons.map((reason) => WORDS[reason] ?? reason).join(', ');
}

function monthsOf(text: string): number {
  const months = Number(text);
  if (Number.isInteger(months) && months >= 1 && months <= 120) return months;
  throw usage('bad-months', say`"${{ text }}" is no number of months from 1 to 120.`);
}

function noSuchPlace(place: string, keys: readonly string[]): Error {
  return usage('bad-option', say`The plan has no place "${{ place: printable(place) }}".`, {
    hint: say`There are: ${{ places: keys.map(printable).join(', ') }}.`,
  });
}
