import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decide, type Candidate, type World } from '../../main/plan/decide.ts';
import { reanchored } from '../../main/plan/due.ts';
import { nextOfAny } from '../../main/plan/next-run.ts';
import { retain } from '../../main/plan/retention.ts';
import { LOCAL_PART, PlanDraft, type PlanPart } from '../../shared/model/plan.ts';
import { targetKey } from '../../shared/model/plan-target.ts';

/**
 * Plans carried out over three simulated years by the decisions that the service makes: the
 * computer sleeps and is off, clocks change, drives come and go in rotation, runs fail. What is
 * simulated is the world; what decides is the real code.
 */
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2025, 0, 1);
const zone = process.env['TZ'];
beforeAll(() => {
  process.env['TZ'] = 'Europe/Berlin';
});
afterAll(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

const scenario = fc.record({
  seed: fc.integer(),
  everyHours: fc.constantFrom(1, 3, 24, 7 * 24),
  drives: fc.integer({ min: 1, max: 3 }),
  /** In percent of hours. */
  awake: fc.integer({ min: 10, max: 100 }),
  awayDays: fc.integer({ min: 1, max: 120 }),
  failing: fc.integer({ min: 0, max: 30 }),
  daily: fc.integer({ min: 0, max: 20 }),
  monthly: fc.integer({ min: 0, max: 12 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

function timing(everyHours: number) {
  if (everyHours === 1) return { every: 'hour', minute: 0 };
  if (everyHours === 3) return { every: 'calendar', expression: '00/3:30' };
  // In the hour that daylight saving skips and repeats.
  if (everyHours === 24) return { every: 'day', hour: 2, minute: 30 };
  return { every: 'week', weekday: 0, hour: 2, minute: 30 };
}

class Simulation {
  readonly draft: PlanDraft;
  readonly parts = new Map<string, PlanPart>();
  /** Points by place: 'local' or a target. */
  readonly points = new Map<string, Set<number>>();
  #state: number;
  nowMs = START;
  runs = 0;

  readonly given: Scenario;

  constructor(given: Scenario) {
    this.given = given;
    this.#state = given.seed | 0;
    const keep = { latest: 1, daily: given.daily, monthly: given.monthly };
    this.draft = PlanDraft.parse({
      name: 'simulated',
      sources: [{ volumeId: 'laptop', subvolumeId: 257 }],
      when: [timing(given.everyHours)],
      keepLocal: keep,
      targets: Array.from({ length: given.drives }, (_, i) => ({
        kind: 'btrfs',
        volumeId: `drive-${i}`,
        keep,
      })),
    });
    for (const key of [LOCAL_PART, ...this.draft.targets.map(targetKey)]) {
      this.points.set(key, new Set());
      this.parts.set(key, {
        key,
        lastRunAtMs: null,
        lastGoodAtMs: null,
        retryAtMs: null,
        failures: 0,
        waitsFor: null,
        error: null,
      });
    }
  }

  random(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) | 0;
    return (this.#state >>> 0) / 2 ** 32;
  }

  isHere(drive: number): boolean {
    // Each drive is here for a day of its own turn.
    const turn = Math.floor((this.nowMs - START) / DAY) + drive * 7;
    return turn % this.given.awayDays < 2;
  }

  /** One look of the scheduler; carries out what it begins. */
  look(): void {
    const parts = [...this.parts.values()].map((part) => reanchored(part, this.nowMs) ?? part);
    const plan: Candidate = { planId: 'p', draft: this.draft, createdAtMs: START, parts };
    const world: World = {
      sourceIsHere: () => true,
      targetIsHere: (target) =>
        this.isHere(this.draft.targets.findIndex((one) => targetKey(one) === targetKey(target))),
      happened: () => false,
      ...{ onAcPower: true, metered: false, presenting: false },
    };
    const idle = { plans: new Set<string>(), sources: new Set<string>(), putOff: new Map() };
    const { begin } = decide([plan, { ...plan, planId: 'twin' }], this.nowMs, world, idle, () => 0);
    // Two plans of one source never begin together.
    expect(begin.length).toBeLessThanOrEqual(1);
    if (begin[0]) this.#carryOut(begin[0].keys);
  }

  #carryOut(keys: readonly string[]): void {
    this.runs += 1;
    const at = this.nowMs;
    const local = this.points.get(LOCAL_PART)!;
    local.add(at);
    for (const key of new Set([LOCAL_PART, ...keys])) {
      const part = this.parts.get(key)!;
      const isGood = key === LOCAL_PART || this.random() * 100 >= this.given.failing;
      if (isGood && key !== LOCAL_PART) this.#send(key, at);
      const ended = isGood
        ? { lastGoodAtMs: at, retryAtMs: null, failures: 0 }
        : { retryAtMs: at + HOUR, failures: part.failures + 1 };
      this.parts.set(key, { ...part, lastRunAtMs: at, ...ended });
    }
    this.#prune(LOCAL_PART, at);
    for (const key of keys) {
      const isGood = this.parts.get(key)!.lastGoodAtMs === at;
      if (key !== LOCAL_PART && isGood) this.#prune(key, at);
    }
  }

  /** An increment needs the newest point that both sides hold; the first send is full. */
  #send(key: string, at: number): void {
    const remote = this.points.get(key)!;
    const shared = this.shared(key);
    if (remote.size > 0) expect(shared, `the chain to ${key} is broken`).not.toBeUndefined();
    remote.add(at);
  }

  shared(key: string): number | undefined {
    const local = this.points.get(LOCAL_PART)!;
    const both = [...this.points.get(key)!].filter((point) => local.has(point));
    return both.length === 0 ? undefined : Math.max(...both);
  }

  #prune(place: string, nowMs: number): void {
    const others = this.draft.targets.map(targetKey);
    const pinned = new Set(
      (place === LOCAL_PART ? others : [place]).map((key) => this.shared(key)),
    );
    const here = this.points.get(place)!;
    const points = [...here].map((takenAtMs) => ({
      takenAtMs,
      ...(pinned.has(takenAtMs) ? { pins: ['parent-of-next'] } : {}),
    }));
    for (const verdict of retain(points, this.draft.keepLocal, nowMs)) {
      if (!verdict.keep) here.delete(verdict.takenAtMs);
    }
    this.#nothingLostEarly(
      points.map(({ takenAtMs }) => takenAtMs),
      here,
    );
  }

  /** By another way of counting than the rule itself: the last day of each of N days is there. */
  #nothingLostEarly(before: readonly number[], after: ReadonlySet<number>): void {
    const lastOfDay = new Map<string, number>();
    for (const at of [...before].sort((a, b) => a - b))
      lastOfDay.set(new Date(at).toDateString(), at);
    const { daily } = this.draft.keepLocal;
    const wanted = daily === 0 ? [] : [...lastOfDay.values()].slice(-daily);
    expect(wanted.every((at) => after.has(at))).toBe(true);
    expect(after.has(Math.max(...before))).toBe(true);
  }
}

describe('three years', () => {
  it('break no chain, lose no point early, run a source once at a time, and lag no longer than they must', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const simulation = new Simulation(given);
        const end = START + 3 * 365 * DAY;
        let isAwake = true;
        while (simulation.nowMs < end) {
          // Asleep and awake in stretches, and a clock that is set wrong and right again.
          if (simulation.random() < 0.2) isAwake = simulation.random() * 100 < given.awake;
          simulation.nowMs += 2 * HOUR;
          if (!isAwake) continue;
          simulation.look();
          const { lastGoodAtMs } = simulation.parts.get(LOCAL_PART)!;
          const due = nextOfAny(simulation.draft.when, lastGoodAtMs ?? START)!;
          // After a look nothing that can run is overdue, however long the sleep was.
          expect(due).toBeGreaterThan(simulation.nowMs);
        }
        expect(simulation.runs).toBeGreaterThan(given.everyHours === 168 ? 10 : 30);
      }),
      { numRuns: 3 },
    );
  });

  it('a clock that was years ahead does not silence a plan', () => {
    const simulation = new Simulation({
      ...{ seed: 1, everyHours: 1, drives: 1, awake: 100, awayDays: 1, failing: 0 },
      ...{ daily: 3, monthly: 1 },
    });
    simulation.nowMs = START + 10 * 365 * DAY;
    simulation.look();
    simulation.nowMs = START + DAY;
    const part = simulation.parts.get(LOCAL_PART)!;
    simulation.parts.set(LOCAL_PART, reanchored(part, simulation.nowMs)!);
    simulation.nowMs += HOUR;
    const before = simulation.runs;
    simulation.look();
    expect(simulation.runs).toBe(before + 1);
  });
});
