import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHistory, type History } from '../../main/history/history.ts';
import { NoticeWatch } from '../../main/service/notices/notice-watch.ts';
import { systemLanguages } from '../../main/service/notices/system-languages.ts';
import { ioError, toErrorData } from '../../shared/errors.ts';
import { PlanDraft } from '../../shared/model/plan.ts';
import { targetKey } from '../../shared/model/plan-target.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const keep = {
  latest: 1,
  hourly: 0,
  daily: 0,
  weekly: 0,
  monthly: 0,
  yearly: 0,
  minAgeHours: 0,
};
const draft = PlanDraft.parse({
  name: 'Home',
  sources: [{ volumeId: 'laptop', subvolumeId: 256 }],
  when: [{ every: 'hour', minute: 0 }],
  keepLocal: keep,
  targets: [
    { kind: 'btrfs', volumeId: 'blue', folder: '', keep },
    { kind: 'btrfs', volumeId: 'green', folder: '', keep },
  ],
  awayDays: 30,
});
const [blue, green] = draft.targets.map(targetKey) as [string, string];
let history: History;
let nowMs: number;
const said: string[] = [];
const log: string[] = [];

let ofSystem: readonly string[] = [];

const newWatch = (): NoticeWatch =>
  new NoticeWatch({
    inBackground: (look) => void look(),
    history,
    nowMs: () => nowMs,
    ofSystem,
    send: async ({ title, event }, { way }) => {
      said.push(`${way} ${event}: ${title}`);
      if (way === 'mail') throw ioError('mail-failed', 'sendmail ended with exit code 75.');
    },
    failed: (text) => log.push(text),
  });

function part(key: string, change: object): void {
  const parts = history.plans.list()[0]!.parts;
  history.plans.setPart('p1', { ...parts.find((one) => one.key === key)!, ...change });
}

beforeEach(() => {
  ofSystem = [];
  nowMs = 0;
  said.length = 0;
  log.length = 0;
  history = openHistory(':memory:');
  history.plans.create('p1', draft, 0);
  history.points.volumeSeen('blue', 'Blue Drive', 0);
  history.points.volumeSeen('green', 'Green Drive', 0);
});
afterEach(() => history.close());

describe('the service tells', () => {
  it('a failure by every way that is set, once, over a restart too; then its recovery', async () => {
    history.settings.set({
      noticeWays: [
        { way: 'desktop', events: ['failure', 'recovery'] },
        { way: 'mail', events: ['failure'], to: 'root' },
      ],
    });
    const error = toErrorData(ioError('target-full', 'Blue Drive is full.'));
    part(blue, { failures: 1, lastRunAtMs: HOUR, error });
    nowMs = HOUR;
    await newWatch().look();
    await newWatch().look();
    const title = 'Home to Blue Drive: the backup failed';
    expect(said).toEqual([`desktop failure: ${title}`, `mail failure: ${title}`]);
    expect(log).toEqual([
      `"${title}" could not be told by mail: sendmail ended with exit code 75.`,
    ]);
    nowMs = 2 * HOUR;
    part(blue, { failures: 0, lastGoodAtMs: nowMs, error: null });
    await newWatch().look();
    expect(said.slice(2)).toEqual(['desktop recovery: Home to Blue Drive is backed up again']);
  });

  it('silence of a plan only when no drive of its rotation is served', async () => {
    nowMs = 20 * DAY;
    part(green, { lastGoodAtMs: 19 * DAY });
    await newWatch().look();
    expect(said).toEqual([]);
    nowMs = 27 * DAY;
    await newWatch().look();
    expect(said).toEqual(['desktop silence: No backup of Home for 8 days']);
  });

  // After two weeks of holidays the first word was "No backup for 14 days", beside the backup under way.
  it('no silence that a computer slept through, until what was missed had time to be made up for', async () => {
    const watch = newWatch();
    await watch.look();
    nowMs = 27 * DAY;
    await watch.look();
    for (const minutes of [1, 2, 3, 4]) {
      nowMs = 27 * DAY + minutes * 60_000;
      await watch.look();
    }
    expect(said).toEqual([]);
    nowMs = 27 * DAY + 5 * 60_000;
    await watch.look();
    expect(said).toEqual(['desktop silence: No backup of Home for 27 days']);
  });

  it('that a drive is away for long, once for all plans that use it', async () => {
    history.plans.create('p2', { ...draft, name: 'System' }, 0);
    history.points.volumeSeen('blue', 'Blue Drive', 20 * DAY);
    for (const planId of ['p1', 'p2']) {
      for (const one of history.plans.list().find((row) => row.planId === planId)!.parts) {
        history.plans.setPart(planId, { ...one, lastGoodAtMs: 30 * DAY });
      }
    }
    nowMs = 31 * DAY;
    await newWatch().look();
    expect(said).toEqual(['desktop drive-missing: Green Drive has been away for 31 days']);
  });

  it('no failure where the person does not want to hear of failures', async () => {
    history.settings.set({ notifyOnFailure: false });
    part(blue, { failures: 1, lastRunAtMs: 0, error: toErrorData(ioError('x', 'x')) });
    nowMs = DAY;
    await newWatch().look();
    expect(said).toEqual([]);
  });

  it('in the language of the settings, else in that of this computer', async () => {
    ofSystem = ['de-DE'];
    nowMs = 27 * DAY;
    await newWatch().look();
    history.settings.set({ language: 'en' });
    nowMs = 29 * DAY;
    await newWatch().look();
    expect(said).toContain('desktop silence: Seit 27 Tagen nicht gesichert: Home');
    expect(said).toContain('desktop silence: No backup of Home for 29 days');
  });
});

describe('the languages of this computer', () => {
  it.each([
    [{ LANG: 'de_AT.UTF-8' }, ['de-AT']],
    [{ LANG: 'en_US.UTF-8', LC_MESSAGES: 'de_DE.UTF-8@euro' }, ['de-DE']],
    [{ LANG: 'en_US.UTF-8', LC_MESSAGES: 'fr_FR', LC_ALL: 'de' }, ['de']],
    [{ LANG: 'en_US.UTF-8', LANGUAGE: 'de:en' }, ['de', 'en', 'en-US']],
    [{ LANG: 'C.UTF-8', LANGUAGE: 'de' }, []],
    [{ LANG: 'POSIX' }, []],
    [{}, []],
  ])('of %j are %j', (environment, tags) => {
    expect(systemLanguages(environment)).toEqual(tags);
  });
});
