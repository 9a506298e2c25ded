import type { figures as english } from '../en/figures.ts';
import type { Translated } from '../shape.ts';

/** Größen, Dauern und Zeitpunkte. */
export const figures: Translated<typeof english> = {
  size: {
    exact: '{{bytes}} Bytes',
    rate: '{{size}}/s',
  },
  duration: {
    seconds: '{{seconds}} s',
    minutes: '{{minutes}} min',
    minutesSeconds: '{{minutes}} min {{seconds}} s',
    hours: '{{hours}} h',
    hoursMinutes: '{{hours}} h {{minutes}} min',
    days: '{{days}} Tage',
  },
  time: {
    today: 'heute {{time}}',
    yesterday: 'gestern {{time}}',
    tomorrow: 'morgen {{time}}',
    weekday: '{{day}} {{time}}',
    date: '{{date}}, {{time}}',
    // Dativ: steht nach „seit“.
    forMinutes_one: '{{count, number}} Minute',
    forMinutes_other: '{{count, number}} Minuten',
    forHours_one: '{{count, number}} Stunde',
    forHours_other: '{{count, number}} Stunden',
    forDays_one: '{{count, number}} Tag',
    forDays_other: '{{count, number}} Tagen',
  },
};
