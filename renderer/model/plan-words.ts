import type { PlanDraft, Timing } from '../../shared/model/plan.ts';
import type { Retention } from '../../shared/model/retention.ts';
import { joinWords, locale, t } from '../text/index.ts';

/** `every hour`, `every hour at :15`, `every day at 09:00`, `every Sunday at 09:00`, `every 30 minutes`. */
export function timingWords(timing: Timing): string {
  switch (timing.every) {
    case 'minutes':
      return t('plan.everyMinutes', { count: timing.minutes });
    case 'hour':
      return timing.minute === 0
        ? t('plan.everyHour')
        : t('plan.everyHourAt', { minute: two(timing.minute) });
    case 'day':
      return t('plan.everyDay', { time: `${two(timing.hour)}:${two(timing.minute)}` });
    case 'week':
      return t('plan.everyWeek', {
        day: weekdayName(timing.weekday),
        time: `${two(timing.hour)}:${two(timing.minute)}`,
      });
    case 'month':
      return t('plan.everyMonth', {
        day: timing.day,
        time: `${two(timing.hour)}:${two(timing.minute)}`,
      });
    case 'cron':
    case 'calendar':
      return t('plan.byExpression', { expression: timing.expression });
    case 'plug-in':
      return t('plan.onPlugIn');
    case 'packages':
      return t('plan.beforePackages');
  }
}

/** All moments of a plan: `every hour and when the drive is plugged in`. */
export function whenWords(when: readonly Timing[]): string {
  return when.length === 0 ? t('plan.byHand') : joinWords(when.map(timingWords));
}

/** 0 is Sunday. */
export function weekdayName(weekday: number): string {
  // 4 January 1970 was a Sunday.
  const day = Date.UTC(1970, 0, 4 + weekday);
  return new Intl.DateTimeFormat(locale(), { weekday: 'long', timeZone: 'UTC' }).format(day);
}

const PERIODS = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;

/** `24 hourly, 30 daily and 12 monthly`; the newest ones alone when nothing else is kept. */
export function retentionWords(keep: Retention): string {
  const parts = PERIODS.filter((period) => keep[period] > 0).map((period) =>
    t(`plan.${period}`, { count: keep[period] }),
  );
  return parts.length === 0 ? t('plan.latest', { count: keep.latest }) : joinWords(parts);
}

/** The same, and what holds beside that: the least age, the room that stays free. */
export function rulesInWords(keep: Retention): string {
  const rules = [retentionWords(keep)];
  if (keep.minAgeHours > 0) rules.push(t('plan.minAge', { count: keep.minAgeHours }));
  if (keep.minFreePercent > 0) rules.push(t('plan.minFree', { percent: keep.minFreePercent }));
  return rules.join('; ');
}

/** More are counted. */
const SOURCES_NAMED = 3;

/**
 * A plan as one sentence; of several targets the first is spelled out, the others counted.
 * @param sources their names, in the plan's order.
 */
export function planSentence(
  plan: Pick<PlanDraft, 'when' | 'keepLocal' | 'targets'>,
  sources: readonly string[],
  drive: string | null,
): string {
  const values = {
    when: whenWords(plan.when),
    source: sourcesWords(sources),
    local: retentionWords(plan.keepLocal),
    drive: drive ?? '',
  };
  const [first] = plan.targets;
  if (!first) return t('plan.sentenceLocal', values);
  const sentence = t('plan.sentenceDrive', { ...values, remote: retentionWords(first.keep) });
  const more = plan.targets.length - 1;
  return more === 0 ? sentence : `${sentence} ${t('plans.moreTargets', { count: more })}`;
}

function sourcesWords(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  if (distinct.length <= SOURCES_NAMED) return joinWords(distinct);
  const named = distinct.slice(0, SOURCES_NAMED - 1);
  return joinWords([...named, t('plan.moreSources', { count: distinct.length - named.length })]);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
