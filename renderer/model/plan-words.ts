import type { Retention, Schedule, Timing } from '../../shared/model/schedule.ts';
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
  }
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

/** A plan as one sentence. */
export function planSentence(
  plan: Pick<Schedule, 'timing' | 'keepLocal' | 'keepTarget' | 'target'>,
  source: string,
  drive: string | null,
): string {
  const values = {
    when: timingWords(plan.timing),
    source,
    local: retentionWords(plan.keepLocal),
    remote: retentionWords(plan.keepTarget),
    drive: drive ?? '',
  };
  return plan.target ? t('plan.sentenceDrive', values) : t('plan.sentenceLocal', values);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
