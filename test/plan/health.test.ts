import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { healthSentence } from '../../main/cli/status.ts';
import { healthOf, type HealthPoint } from '../../main/plan/health.ts';

const HOUR = 3_600_000;
const copy = (volumeName: string, place: 'local' | 'drive', present = true) => ({
  volumeId: volumeName,
  volumeName,
  place,
  present,
});
const point = (hours: number, ...copies: HealthPoint['copies'][number][]): HealthPoint => ({
  pointId: `p${hours}`,
  takenAtMs: hours * HOUR,
  copies,
});
const of = (points: HealthPoint[], proven: Record<string, number> = {}) =>
  healthOf({
    points,
    nowMs: 99 * HOUR,
    lastSeenAtMs: (volumeId) => (volumeId === 'Green' ? 5 * HOUR : null),
    provenAtMs: (pointId) => proven[pointId] ?? null,
  });

describe('the health of a source', () => {
  it('without a point is none, and with points on its own disk only it is not called safe', () => {
    expect(of([]).level).toBe('none');
    expect(of([point(1)]).level).toBe('none');
    expect(of([point(2, copy('Laptop', 'local'))])).toMatchObject({
      level: 'here-only',
      untilMs: 2 * HOUR,
    });
  });

  it('speaks of the newest point on another drive, not of newer ones beside the source', () => {
    const health = of(
      [
        point(9, copy('Laptop', 'local')),
        point(7, copy('Blue', 'drive'), copy('Laptop', 'local')),
        point(5, copy('Green', 'drive')),
      ],
      { p7: 8 * HOUR, p5: 6 * HOUR },
    );
    expect(health).toEqual({
      level: 'safe',
      untilMs: 7 * HOUR,
      drives: ['Blue'],
      farEnds: [],
      aheadOfClock: false,
      alsoHere: true,
      lastSeenAtMs: null,
      provenAtMs: 8 * HOUR,
    });
  });

  it('says away only when no drive with that point is here, and since when', () => {
    expect(of([point(4, copy('Green', 'drive', false))])).toMatchObject({
      level: 'away',
      drives: ['Green'],
      lastSeenAtMs: 5 * HOUR,
      provenAtMs: null,
    });
    const both = point(4, copy('Green', 'drive', false), copy('Blue', 'drive'));
    expect(of([both])).toMatchObject({ level: 'safe', drives: ['Green', 'Blue'] });
  });

  it('of another computer says when it answered, and calls it away when it did not', () => {
    const at = (failedAtMs: number | null) =>
      healthOf({
        points: [point(4, copy('nas', 'drive'), copy('Laptop', 'local'))],
        nowMs: 99 * HOUR,
        lastSeenAtMs: () => 5 * HOUR,
        provenAtMs: () => null,
        farContact: (id) =>
          id === 'nas' ? { name: 'nas', reachedAtMs: 5 * HOUR, failedAtMs } : undefined,
      });
    expect(at(null)).toMatchObject({ level: 'safe', lastSeenAtMs: null });
    expect(healthSentence('home', at(null))).toMatch(
      /on this computer and nas \(last reached 1970-01-01 \S+\)\.$/,
    );
    expect(at(9 * HOUR)).toMatchObject({ level: 'away', lastSeenAtMs: 5 * HOUR });
    expect(healthSentence('home', at(9 * HOUR))).toMatch(
      /: safe up to \S+ \S+, on nas \(did not answer \S+ \S+, last reached \S+ \S+\)\.$/,
    );
  });

  it('does not believe a date ahead of the clock: "safe up to 2031" was said of what was older', () => {
    const ahead = point(200, copy('Blue', 'drive'), copy('Laptop', 'local'));
    const before = point(7, copy('Blue', 'drive'));
    const own = point(8, copy('Laptop', 'local'));
    expect(of([ahead, before, own], { p7: 9 * HOUR })).toMatchObject({
      ...{ level: 'safe', untilMs: 7 * HOUR, aheadOfClock: false, alsoHere: true },
      ...{ drives: ['Blue'], provenAtMs: 9 * HOUR },
    });
    // It is as good as any other; only when it was taken cannot be said.
    expect(of([ahead, own], { p200: 210 * HOUR })).toMatchObject({
      ...{ level: 'safe', untilMs: 200 * HOUR, aheadOfClock: true, alsoHere: true },
      ...{ drives: ['Blue'], provenAtMs: null },
    });
    expect(of([point(200, copy('Laptop', 'local'))])).toMatchObject({
      ...{ level: 'here-only', aheadOfClock: true },
    });
  });

  it('never claims a proof, a place or a time that is another point’s', () => {
    const copies = fc.array(
      fc.record({
        volumeId: fc.constantFrom('a', 'b', 'c'),
        volumeName: fc.constantFrom('A', 'B'),
        place: fc.constantFrom('local' as const, 'drive' as const),
        present: fc.boolean(),
      }),
      { maxLength: 3 },
    );
    const points = fc.uniqueArray(
      fc.record({ takenAtMs: fc.integer({ min: 1, max: 50 }), copies }),
      { selector: (one) => one.takenAtMs, maxLength: 12 },
    );
    fc.assert(
      fc.property(points, fc.array(fc.integer({ min: 1, max: 50 })), (some, provenTimes) => {
        const all = some.map((one) => ({ ...one, pointId: String(one.takenAtMs) }));
        const proven = new Set([...provenTimes].map(String));
        const health = healthOf({
          points: all,
          nowMs: 100,
          lastSeenAtMs: () => 1,
          provenAtMs: (id) => (proven.has(id) ? 99 : null),
        });
        const onDrive = all.filter((one) => one.copies.some(({ place }) => place === 'drive'));
        const newest = Math.max(...onDrive.map(({ takenAtMs }) => takenAtMs));
        if (health.level !== 'safe' && health.level !== 'away') return onDrive.length === 0;
        const meant = onDrive.find(({ takenAtMs }) => takenAtMs === newest)!;
        return (
          health.untilMs === newest &&
          (health.provenAtMs !== null) === proven.has(meant.pointId) &&
          health.drives.every((name) =>
            meant.copies.some((one) => one.volumeName === name && one.place === 'drive'),
          ) &&
          (health.level === 'safe') ===
            meant.copies.some(({ place, present }) => place === 'drive' && present)
        );
      }),
    );
  });
});

describe('its sentence', () => {
  it('says of a date ahead of the clock that it says nothing', () => {
    const ahead = of([point(200, copy('Blue', 'drive'), copy('Laptop', 'local'))]);
    expect(healthSentence('home', ahead)).toMatch(
      /^home: on this computer and Blue; its newest point is dated 1970-01-09 \S+, ahead of the clock, so until when it is safe cannot be said\.$/,
    );
    const own = of([point(200, copy('Laptop', 'local'))]);
    expect(healthSentence('home', own)).toMatch(/^home: on this computer only; its newest point/);
    const away = of([point(200, copy('Green', 'drive', false))]);
    expect(healthSentence('home', away)).toMatch(/^home: on Green \(away since 1970-01-01 \S+\); /);
  });

  it('says until when, where, and whether it was checked', () => {
    const text = healthSentence('home', of([point(7, copy('Blue', 'drive'))]));
    expect(text).toMatch(/^home: safe up to \d{4}-.*, on Blue\.$/);
    expect(healthSentence('home', of([]))).toBe('home: nothing protects it yet.');
    expect(healthSentence('caf\udce9', of([point(1, copy('Green', 'drive', false))]))).toContain(
      'caf\\xe9: safe up to',
    );
  });
});
