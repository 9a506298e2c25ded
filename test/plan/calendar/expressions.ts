import fc from 'fast-check';

const number = (least: number, most: number) => fc.integer({ min: least, max: most }).map(String);
const padded = (least: number, most: number) =>
  fc.integer({ min: least, max: most }).map((n) => String(n).padStart(2, '0'));

/** A component of one field: value, range, step, or both; now and then one that is wrong. */
function component(least: number, most: number): fc.Arbitrary<string> {
  const value = fc.oneof(
    { weight: 10, arbitrary: number(least, most) },
    { weight: 5, arbitrary: padded(least, most) },
    { weight: 1, arbitrary: number(most + 1, most + 5) },
  );
  const step = number(0, Math.ceil((most - least) / 2));
  return fc.oneof(
    { weight: 6, arbitrary: value },
    { weight: 2, arbitrary: fc.tuple(value, value).map(([a, b]) => `${a}..${b}`) },
    { weight: 2, arbitrary: fc.tuple(value, step).map(([a, s]) => `${a}/${s}`) },
    { weight: 1, arbitrary: fc.tuple(value, value, step).map(([a, b, s]) => `${a}..${b}/${s}`) },
  );
}

function field(least: number, most: number): fc.Arbitrary<string> {
  const list = fc.array(component(least, most), { minLength: 1, maxLength: 3 });
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant('*') },
    { weight: 4, arbitrary: component(least, most) },
    { weight: 1, arbitrary: list.map((parts) => parts.join(',')) },
  );
}

const WEEKDAYS = ['Mon', 'Tue', 'wed', 'Thursday', 'FRI', 'Sat', 'sunday', 'Noday'];
const weekday = fc.constantFrom(...WEEKDAYS);
const weekdays = fc.oneof(
  weekday,
  fc.tuple(weekday, weekday).map(([a, b]) => `${a}..${b}`),
  fc.tuple(weekday, weekday).map(([a, b]) => `${a}-${b}`),
  fc.array(weekday, { minLength: 1, maxLength: 3 }).map((days) => days.join(',')),
);
const date = fc
  .tuple(
    fc.oneof(fc.constant('*'), component(2020, 2040), number(0, 99), fc.constant('')),
    field(1, 12),
    fc.constantFrom('-', '-', '-', '~'),
    field(1, 31),
  )
  .map(([year, month, mark, day]) => `${year === '' ? '' : `${year}-`}${month}${mark}${day}`);
const time = fc
  .tuple(field(0, 23), field(0, 59), fc.option(field(0, 59), { nil: undefined }))
  .map(([hour, minute, second]) => [hour, minute, second].filter((x) => x !== undefined).join(':'));

/** Expressions in the form of OnCalendar=, most of them right. */
export const expressions: fc.Arbitrary<string> = fc
  .tuple(
    fc.option(weekdays, { nil: '' }),
    fc.option(date, { nil: '' }),
    fc.option(time, { nil: '' }),
    fc.constantFrom('', '', '', 'UTC', 'Europe/Berlin', 'Asia/Kolkata', 'No/Where'),
  )
  .map((parts) => parts.filter((part) => part !== '').join(' '));
