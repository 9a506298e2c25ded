import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noticeOf } from '../../main/notify/notice-text.ts';
import { tellings, type Watched } from '../../main/plan/notices.ts';
import { ioError, toErrorData } from '../../shared/errors.ts';
import type { Told } from '../../shared/model/notice.ts';
import { ENGLISH, tongueOf } from '../../shared/text/tell.ts';
import { toPlace } from '../../main/runs/titles.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const full = toErrorData(ioError('target-full', 'The drive is full.'));
const home: Watched = {
  subject: 'plan 1 drive',
  kind: 'plan',
  name: 'Home to Blue Drive',
  failingSinceMs: null,
  reason: null,
  mayPass: false,
  goodAtMs: 0,
  expectedSinceMs: 0,
  silenceMs: 7 * DAY,
};

/** Looks each hour; returns when what was told. */
function live(hours: number, at: (nowMs: number) => Watched): { event: string; day: number }[] {
  const said: { event: string; day: number }[] = [];
  let told: readonly Told[] = [];
  for (let hour = 0; hour <= hours; hour += 1) {
    const nowMs = hour * HOUR;
    const look = tellings([at(nowMs)], told, nowMs);
    told = look.told;
    said.push(...look.tell.map(({ event }) => ({ event, day: Math.floor(nowMs / DAY) })));
  }
  return said;
}

describe('what is told', () => {
  it('of a backup that goes well: nothing', () => {
    expect(live(24 * 60, (nowMs) => ({ ...home, goodAtMs: nowMs }))).toEqual([]);
  });

  it('of a failure: once, then after ever longer times, and its recovery once', () => {
    const said = live(24 * 40, (nowMs) => {
      const isBroken = nowMs >= DAY && nowMs < 30 * DAY;
      return isBroken
        ? { ...home, failingSinceMs: DAY, reason: full, goodAtMs: DAY - 1 }
        : { ...home, goodAtMs: nowMs };
    });
    expect(said).toEqual([
      { event: 'failure', day: 1 },
      { event: 'failure', day: 2 },
      { event: 'failure', day: 5 },
      { event: 'failure', day: 12 },
      { event: 'failure', day: 26 },
      { event: 'recovery', day: 30 },
    ]);
  });

  it('of silence and failure as soon as ever, although a clock was ahead once', () => {
    const ahead = 400 * DAY;
    // Neither what went well nor the plan itself can be dated after now.
    const quiet = (): Watched => ({ ...home, goodAtMs: ahead, expectedSinceMs: 0 });
    expect(live(24 * 9, quiet)).toEqual([
      { event: 'silence', day: 7 },
      { event: 'silence', day: 8 },
    ]);
    const unknown = { ...home, goodAtMs: ahead, expectedSinceMs: ahead };
    expect(live(24 * 9, () => unknown)).toEqual([]);
    // Told by that clock, a failure was never told again, nor that it was over.
    const told: Told = { subject: home.subject, event: 'failure', atMs: ahead, times: 1 };
    const failing = { ...home, failingSinceMs: 0, reason: full };
    const first = tellings([failing], [told], 0);
    expect(first).toMatchObject({ tell: [], told: [{ atMs: 0 }] });
    expect(tellings([failing], first.told, 2 * DAY).tell).toMatchObject([{ event: 'failure' }]);
    const good = { ...home, goodAtMs: HOUR };
    expect(tellings([good], first.told, 2 * HOUR).tell).toMatchObject([{ event: 'recovery' }]);
  });

  it('of what passes by itself within two hours: nothing', () => {
    const said = live(48, (nowMs) =>
      nowMs >= 10 * HOUR && nowMs < 12 * HOUR
        ? { ...home, failingSinceMs: 10 * HOUR, mayPass: true, reason: full }
        : { ...home, goodAtMs: nowMs },
    );
    expect(said).toEqual([]);
  });

  it('of silence: after the time that the person set, then ever more seldom', () => {
    const said = live(24 * 40, () => home);
    expect(said).toEqual([
      { event: 'silence', day: 7 },
      { event: 'silence', day: 8 },
      { event: 'silence', day: 11 },
      { event: 'silence', day: 18 },
      { event: 'silence', day: 32 },
    ]);
  });

  it('of a new plan: no silence before its own time is over, however old the last backup', () => {
    const young = { ...home, goodAtMs: -100 * DAY, expectedSinceMs: 0 };
    expect(live(24 * 7, () => young)).toEqual([]);
    expect(live(24 * 8, () => ({ ...young, goodAtMs: null })).map(({ event }) => event)).toEqual(
      ['silence', 'silence'].slice(0, 1),
    );
  });

  it('of what nobody waits for: nothing; of a drive: that it is missing', () => {
    expect(live(24 * 60, () => ({ ...home, silenceMs: null }))).toEqual([]);
    const drive: Watched = { ...home, kind: 'drive', silenceMs: 30 * DAY };
    expect(live(24 * 30 + 1, () => drive)).toEqual([{ event: 'drive-missing', day: 30 }]);
  });

  it('no recovery of what was never told, nor of a plan that was switched off', () => {
    const ended = tellings([{ ...home, goodAtMs: 1 }], [], 2);
    expect(ended.tell).toEqual([]);
    const told: Told[] = [{ subject: home.subject, event: 'failure', atMs: 5, times: 1 }];
    const off = { ...home, goodAtMs: 1, silenceMs: null };
    expect(tellings([off], told, 9)).toEqual({ tell: [], told });
    // A plan that is gone is forgotten.
    expect(tellings([], told, 9)).toEqual({ tell: [], told: [] });
  });

  it('never more than seven times in ninety days about one thing, whatever happens', () => {
    const moods = fc.array(fc.constantFrom('good', 'fails', 'flaky', 'nothing'), {
      minLength: 90,
      maxLength: 90,
    });
    fc.assert(
      fc.property(moods, (days) => {
        let goodAtMs = 0;
        let failingSinceMs: number | null = null;
        const said = live(24 * 89, (nowMs) => {
          const mood = days[Math.floor(nowMs / DAY)]!;
          if (mood === 'good') [goodAtMs, failingSinceMs] = [nowMs, null];
          else if (mood !== 'nothing') failingSinceMs ??= nowMs;
          return { ...home, goodAtMs, failingSinceMs, reason: full, mayPass: mood === 'flaky' };
        });
        // Bad news twice without a recovery between them: at least a day apart.
        return said.every(
          (one, i) =>
            one.event === 'recovery' ||
            i === 0 ||
            said[i - 1]!.event === 'recovery' ||
            one.day > said[i - 1]!.day,
        );
      }),
      { numRuns: 40 },
    );
  });
});

describe('its words', () => {
  it('say what happened and what it means', () => {
    const failed = { ...home, failingSinceMs: 9 * DAY, reason: full };
    expect(
      noticeOf({ watched: failed, event: 'failure', times: 1 }, 9 * DAY, ENGLISH),
    ).toMatchObject({
      title: 'Home to Blue Drive: the backup failed',
      text: 'The drive is full. The last backup is 9 days old; what was backed up before is intact.',
    });
    const silent = noticeOf(
      { watched: { ...home, name: 'Home' }, event: 'silence', times: 1 },
      9 * DAY,
      ENGLISH,
    );
    expect(silent.title).toBe('No backup of Home for 9 days');
  });

  // They came in English, whatever language the page had.
  it('are of the language that is asked for, the reason too', async () => {
    const german = await tongueOf('system', ['de-AT', 'en']);
    const name = toPlace('Home', 'Blue Drive');
    const watched = { ...home, name, failingSinceMs: 9 * DAY, reason: full };
    expect(noticeOf({ watched, event: 'failure', times: 1 }, 9 * DAY, german)).toMatchObject({
      title: 'Home auf Blue Drive: Die Sicherung ist fehlgeschlagen',
      text: expect.stringMatching(
        /^Das Laufwerk ist voll.* Die letzte Sicherung ist 9 Tage alt; was vorher gesichert wurde, ist unversehrt\.$/,
      ),
    });
    const away = { ...home, kind: 'drive', name: 'Blue Drive' } as const;
    expect(
      noticeOf({ watched: away, event: 'drive-missing', times: 1 }, DAY, german),
    ).toMatchObject({
      title: 'Blue Drive war seit 1 Tag nicht da',
    });
    const one = noticeOf({ watched: home, event: 'silence', times: 1 }, DAY, german);
    expect(one.title).toBe('Seit 1 Tag nicht gesichert: Home to Blue Drive');
    const back = noticeOf({ watched, event: 'recovery', times: 1 }, DAY, german);
    expect(back.title).toBe('Home auf Blue Drive wird wieder gesichert');
  });
});
