import type { Drive } from '../../../shared/model/drive.ts';
import type { Plan } from '../../../shared/model/plan.ts';
import { defaultSettings } from '../../../shared/model/service.ts';
import { failed, goodOrder, history, home, laptop, ordinary, run, source } from './scenes.ts';
import { sourceAnswers } from './source-answers.ts';
import type { Answers } from './stand-in.ts';

/** As long as a name can be: 255 bytes, in words that can be broken and in one that cannot. */
const LONG = `${'Urlaubsfotos aus den Dolomiten '.repeat(8)}1234567`;
const UNBROKEN = 'x'.repeat(255);

const [drive] = goodOrder['drives.list']!({}) as Drive[];
const plans = goodOrder['plans.list']!({}) as Plan[];

/** 200 drives and plans, 500 sources, 120,000 runs, with names of 255 bytes among them. */
export const extremes: Answers = {
  ...goodOrder,
  ...sourceAnswers([
    { ...home, name: LONG },
    ...Array.from({ length: 500 }, (_, i) =>
      source(i % 3 === 0 ? `${i} ${UNBROKEN.slice(4)}` : `machine ${i}`, 2_000 + i, [], {
        mountedPath: i % 2 === 0 ? `/mnt/${UNBROKEN}` : null,
      }),
    ),
  ]),
  'volumes.list': () => [{ ...laptop, name: LONG.slice(0, 200), label: LONG.slice(0, 200) }],
  'drives.list': () =>
    Array.from({ length: 200 }, (_, i) => ({
      ...drive!,
      driveId: `drive-${i}`,
      name: i % 2 === 0 ? LONG.slice(0, 200) : UNBROKEN.slice(0, 200),
    })),
  'plans.list': () =>
    Array.from({ length: 200 }, (_, i) => ({
      ...plans[i % plans.length]!,
      planId: `s-${i + 1}`,
      name: (i % 3 === 0 ? UNBROKEN : LONG).slice(0, 200),
    })),
  'runs.list': ({ state }) => ({
    runs: state === 'running' ? [] : history(400).map((one) => ({ ...one, title: LONG })),
    total: 120_000,
  }),
  'runs.get': () => run({ ...failed, title: UNBROKEN, notes: [LONG, UNBROKEN] }),
};

/** Only what draws the frame is answered: all else fails. */
export const refused: Answers = {
  'service.info': () => ordinary,
  'settings.get': () => defaultSettings,
};

/** Nothing but the frame is ever answered. */
export const silent: Answers = {
  ...Object.fromEntries(
    Object.keys(goodOrder).map((call) => [call, () => new Promise(() => undefined)]),
  ),
  ...refused,
};
