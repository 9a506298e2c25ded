/** Sizes, spells and moments. */
export const figures = {
  size: {
    exact: '{{bytes}} bytes',
    rate: '{{size}}/s',
  },
  duration: {
    seconds: '{{seconds}} s',
    minutes: '{{minutes}} min',
    minutesSeconds: '{{minutes}} min {{seconds}} s',
    hours: '{{hours}} h',
    hoursMinutes: '{{hours}} h {{minutes}} min',
    days: '{{days}} days',
  },
  time: {
    today: '{{time}} today',
    yesterday: '{{time}} yesterday',
    tomorrow: '{{time}} tomorrow',
    weekday: '{{day}} {{time}}',
    date: '{{date}}, {{time}}',
    // A spell as it stands after "for".
    forMinutes_one: '{{count, number}} minute',
    forMinutes_other: '{{count, number}} minutes',
    forHours_one: '{{count, number}} hour',
    forHours_other: '{{count, number}} hours',
    forDays_one: '{{count, number}} day',
    forDays_other: '{{count, number}} days',
  },
} as const;
