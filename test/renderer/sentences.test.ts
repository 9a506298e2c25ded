import { describe, expect, test } from 'vitest';
import { planSentence } from '../../renderer/model/plan-words.ts';
import { pointSentence, runSentence, sourceSentence } from '../../renderer/model/sentences.ts';
import { refFromKey, refKey, sourceName } from '../../renderer/model/sources.ts';
import type { Run } from '../../shared/model/run.ts';
import type { Source } from '../../shared/model/subvolume.ts';
import { failed, home, NOW, photos, plans, run, system } from '../e2e/support/scenes.ts';

describe('what is said of a source', () => {
  test('safe: until when, and where', () => {
    expect(sourceSentence(home, NOW)).toEqual({
      tone: 'proven',
      text: 'Home is safe up to 14:05 today. It is on this computer and on Blue Drive.',
    });
  });

  test('checked: when', () => {
    const health = { ...home.health, provenAtMs: NOW - 600_000 };
    expect(sourceSentence({ ...home, health }, NOW).text).toBe(
      'Home is safe up to 14:05 today. It is on this computer and on Blue Drive. What is there was checked 14:10 today.',
    );
  });

  test('a drive that is away is named, with what it holds', () => {
    const { tone, text } = sourceSentence(system, NOW);
    expect(tone).toBe('away');
    expect(text).toMatch(
      /^Green Drive has been away for 9 days\. Nothing is lost: it holds System/,
    );
  });

  // "loop5 and loop6 has been away for 1 minute".
  test('several drives that are away', () => {
    const health = { ...system.health, drives: ['Green Drive', 'Red Drive'] };
    expect(sourceSentence({ ...system, health }, NOW).text).toMatch(
      /^Green Drive and Red Drive have been away for 9 days\. Nothing is lost: they hold System/,
    );
  });

  test('another computer: when it last answered, and when it did not', () => {
    const reachedAtMs = NOW - 3_600_000;
    const told = (failedAtMs: number | null) => {
      const health = { ...home.health, farEnds: [{ name: 'nas', reachedAtMs, failedAtMs }] };
      return sourceSentence({ ...home, health }, NOW).text;
    };
    expect(told(null)).toMatch(/ nas last answered 13:20 today\.$/);
    expect(told(NOW)).toMatch(/ nas did not answer 14:20 today; it last did 13:20 today\.$/);
  });

  test('points beside their source are not called safe', () => {
    expect(sourceSentence(photos, NOW)).toEqual({
      tone: 'needs-you',
      text: 'Photos has restore points up to 18:20 yesterday, on this computer only. If its disk fails, they go with it.',
    });
  });

  test('no point at all', () => {
    const health = { ...home.health, level: 'none' as const, untilMs: null };
    const bare: Source = { ...home, points: [], places: [], safeUpToMs: null, health };
    expect(sourceSentence(bare, NOW).text).toBe('Nothing protects Home yet.');
  });

  test('names: @ is the system, bytes that are no text are escaped', () => {
    expect(sourceName({ name: '@' })).toBe('System');
    expect(sourceName({ name: '@home' })).toBe('Home');
    expect(sourceName({ name: 'machines/vm-1' })).toBe('vm-1');
    expect(sourceName({ name: 'caf\udce9' })).toBe('caf\\xe9');
  });
});

describe('what is said of runs, points and plans', () => {
  test('a run that is done says figures, never praise', () => {
    expect(runSentence(run()).text).toBe('6.2\u00a0GB in 18,204 files, 2 min 11 s.');
    const of = (kind: Run['kind'], change: Partial<Run['progress']>): string => {
      const one = run();
      return runSentence({ ...one, kind, progress: { ...one.progress, ...change } }).text;
    };
    expect(of('verify', { files: 0 })).toBe('6.2\u00a0GB, 2 min 11 s.');
    expect(of('compare', { files: 0, bytes: 0 })).toBe('Done after 2 min 11 s.');
    // The restore points that a cleanup removed were told as files of no bytes.
    expect(of('prune', { files: 4, bytes: 0 })).toBe('Done after 2 min 11 s.');
    expect(runSentence(failed)).toEqual({
      tone: 'failed',
      text: expect.stringContaining('ENOSPC') as string,
    });
  });

  test('a point says when, how much, where', () => {
    expect(pointSentence(home.points[0]!, NOW)).toMatch(
      /^14:05 today: .* changed, on this computer and Blue Drive$/,
    );
  });

  test('a plan reads as a sentence', () => {
    expect(planSentence(plans[0]!, ['Home'], 'Blue Drive')).toBe(
      'Take a snapshot of Home every hour and send it to Blue Drive. Keep 24 hourly and 7 daily on this computer and 30 daily and 12 monthly on Blue Drive.',
    );
  });

  test('a plan names what it is of, and counts what is too much to name', () => {
    const begin = (...names: string[]): string => planSentence(plans[0]!, names, 'Blue Drive');
    expect(begin('Photos', 'System')).toMatch(/^Take a snapshot of Photos and System every hour/);
    expect(begin('A', 'B', 'C', 'D', 'E')).toMatch(/^Take a snapshot of A, B,? and 3 more every/);
  });
});

test('a reference survives the address bar', () => {
  const ref = { volumeId: '/images/a disk@home.img', subvolumeId: 256 };
  expect(refFromKey(refKey(ref))).toEqual(ref);
  expect(refFromKey('nonsense')).toBeUndefined();
});
