import type { Timing } from '../../../shared/model/plan.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** 'every hour at :15', 'Mon..Fri 09:00'. */
export function timingText(timing: Timing): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  switch (timing.every) {
    case 'minutes':
      return `every ${timing.minutes} min`;
    case 'hour':
      return `every hour at :${two(timing.minute)}`;
    case 'day':
      return `every day at ${two(timing.hour)}:${two(timing.minute)}`;
    case 'week':
      return `${DAYS[timing.weekday]} at ${two(timing.hour)}:${two(timing.minute)}`;
    case 'month':
      return `day ${timing.day} at ${two(timing.hour)}:${two(timing.minute)}`;
    case 'cron':
    case 'calendar':
      return timing.expression;
    case 'plug-in':
      return 'when plugged in';
    case 'packages':
      return 'before packages change';
  }
}
