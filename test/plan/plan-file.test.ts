import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPlanFile, parsePlanFile } from '../../main/plan/file/plan-file.ts';
import { PlanDraft } from '../../shared/model/plan.ts';

const TOML = `# plans of this computer
[[plan]]
name = "Home"
sources = ["/home"]
when = [
  { every = "hour", minute = 0 },
  { every = "calendar", expression = "Mon..Fri 09:00" },
]
keepLocal = { latest = 1, hourly = 24, daily = 7, weekly = 0, monthly = 0, yearly = 0 }

[[plan.targets]]
kind = "btrfs"
volumeId = "6b1f0c1e-52a4-4d7e-9d0b-0d3f5a9e1c02"
[plan.targets.keep]
latest = 1
hourly = 0
daily = 30
weekly = 0
monthly = 12
yearly = 0
`;

const STICK = '[[plan.targets]]\nkind = "archive"\npath = "/mnt/stick/backups"\nkeep = {}\n';
const TARGETS_OF_ONE_PLACE = STICK + STICK;

describe('a plan file', () => {
  it('is read with defaults filled in', () => {
    const [plan] = parsePlanFile(TOML, 'toml', 'plans.toml');
    expect(plan).toMatchObject({
      name: 'Home',
      enabled: true,
      sources: ['/home'],
      targets: [{ folder: '', keep: { daily: 30, minAgeHours: 0 } }],
      awayDays: 90,
    });
  });

  it.each([
    ['daily = 30', 'daily = -1', 'line 17: "targets.0.keep.daily"'],
    ['weekly = 0\nmonthly', 'wekly = 0\nmonthly', 'line 18: there is no field "wekly"'],
    ['"Mon..Fri 09:00"', '"Mon..Fri 29:00"', 'line 5: "Mon..Fri 29:00" is no calendar expression'],
    ['every = "hour"', 'every = "our"', 'line 5: "when.0.every": the word is minutes'],
    ['kind = "btrfs"', 'kind = "nfs"', 'line 12: "targets.0.kind": the kind of a target is'],
    ['name = "Home"', 'name = "Home"\nexclude = ["*.o"]', 'line 4: there is no field "exclude"'],
    ['name = "Home"', 'name = ', 'line 3: '],
    ['name = "Home"', 'title = "Home"', 'line 2: "name": it is missing'],
    ['"/home"', '"home"', 'line 4: "sources.0"'],
    ['"/home"', '{ path = "/home", nested = 1 }', 'line 4: "sources.0.nested"'],
    ['"/home"', '{ path = "home" }', 'line 4: "sources.0'],
    ['"/home"', '{ volumeId = "a" }', 'line 4: "sources.0": needs a path or a subvolumeId'],
    ['daily = 30', 'daily = 1.5', 'line 17: "targets.0.keep.daily": a whole number is needed'],
    ['name = "Home"', 'name = ""', 'line 3: "name": it is empty'],
    ['sources = ["/home"]', 'sources = []', 'line 4: "sources": it is empty'],
    [
      'every = "hour", minute = 0',
      'every = "cron", expression = "0 3 * *"',
      'line 5: "0 3 * *" is no cron expression: it has not five fields',
    ],
    [/$/, TARGETS_OF_ONE_PLACE, 'line 25: the same place stands there twice'],
    ['[[plan]]', '[[plans]]', 'line 1: a plan file holds a list called "plan"'],
  ])('says on which line the mistake is: %s as %s', (right, wrong, told) => {
    expect(() => parsePlanFile(TOML.replace(right, wrong), 'toml', 'plans.toml')).toThrow(
      expect.objectContaining({
        kind: 'Usage',
        code: 'plan-file-mistake',
        message: expect.stringContaining(`plans.toml, ${told}`) as string,
      }),
    );
  });

  it('names a subvolume with those below it by where it is mounted', () => {
    const nested = TOML.replace('"/home"', '"/home", { path = "/srv", nested = true }');
    const [plan] = parsePlanFile(nested, 'toml', 'plans.toml');
    expect(plan!.sources).toEqual(['/home', { path: '/srv', nested: true }]);
  });

  it('says so of YAML as well, and is not fooled by aliases', () => {
    const yaml = 'plan:\n  - name: Home\n    sources: [/home]\n    when: []\n    keepLocal: 3\n';
    expect(() => parsePlanFile(yaml, 'yaml', 'p.yaml')).toThrow('p.yaml, line 5: "keepLocal"');
    expect(() => parsePlanFile('plan:\n\t- x', 'yaml', 'p.yaml')).toThrow(/p\.yaml, line [12]: /);
    const bomb = `a: &a [${'x,'.repeat(9)}x]\n${'bcdefghij'
      .split('')
      .map((c, i) => `${c}: &${c} [${`*${'abcdefghi'[i]!},`.repeat(9)}*${'abcdefghi'[i]!}]`)
      .join('\n')}\nplan: *j\n`;
    expect(() => parsePlanFile(bomb, 'yaml', 'p.yaml')).toThrow(
      expect.objectContaining({ code: 'plan-file-mistake' }),
    );
  });

  it('comes back as it was written, in either format', () => {
    fc.assert(
      fc.property(drafts, fc.constantFrom('toml', 'yaml'), (plans, format) => {
        const named = plans.map((plan, i) => ({ ...plan, name: `${plan.name} ${i}` }));
        expect(parsePlanFile(formatPlanFile(named, format), format, 'x')).toEqual(named);
      }),
      { numRuns: 60 },
    );
  });

  it('with anything in it fails with a typed error only', () => {
    const pieces = fc.array(fc.constantFrom(...TOML.split(/(?=[[\]{}="\n])/), '"', "'", '\\', '='));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          pieces.map((p) => p.join('')),
        ),
        (text) => {
          for (const format of ['toml', 'yaml'] as const) {
            try {
              parsePlanFile(text, format, 'x');
            } catch (error) {
              expect(error).toMatchObject({ code: 'plan-file-mistake' });
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

const count = fc.integer({ min: 0, max: 50 });
const keep = fc
  .tuple(fc.integer({ min: 1, max: 9 }), count, count, count, count, count, count)
  .map(([latest, hourly, daily, weekly, monthly, yearly, minAgeHours]) => ({
    ...{ latest, hourly, daily, weekly, monthly, yearly, minAgeHours },
  }));
const word = fc
  .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
  .filter((s) => !s.includes('\0') && !s.split('/').includes('..'));
const at = { hour: fc.integer({ min: 0, max: 23 }), minute: fc.integer({ min: 0, max: 59 }) };
const drafts = fc.array(
  fc
    .record({
      name: word,
      enabled: fc.boolean(),
      sources: fc.array(
        fc.record({ volumeId: word, subvolumeId: fc.nat(), path: word, nested: fc.boolean() }),
        { minLength: 1, maxLength: 3 },
      ),
      when: fc.array(
        fc.oneof(
          fc.record({ every: fc.constant('day'), ...at }),
          fc.record({ every: fc.constant('plug-in') }),
          fc.constant({ every: 'cron', expression: '*/5 1-3 * * 1,2' }),
        ),
        { maxLength: 3 },
      ),
      keepLocal: keep,
      targets: fc.uniqueArray(
        fc.oneof(
          fc.record({ kind: fc.constant('btrfs' as const), volumeId: word, folder: word, keep }),
          fc.record({
            ...{ kind: fc.constant('archive' as const), driveId: word, folder: word, keep },
            recipients: fc.array(word, { maxLength: 2 }),
          }),
          fc.record({
            kind: fc.constant('ssh' as const),
            url: word.map((name) => `ssh://me@nas:22/${name.replaceAll(/[\r\n\0]/g, '_')}`),
            keep,
          }),
        ),
        { maxLength: 3, selector: (target) => Object.values(target).slice(0, 3).join(' ') },
      ),
      excludes: fc.array(word, { maxLength: 3 }),
      conditions: fc.record({
        onAcPower: fc.boolean(),
        quietHours: fc.option(fc.record({ from: fc.record(at), to: fc.record(at) })),
      }),
    })
    .map((plan) => PlanDraft.parse(plan)),
  { minLength: 1, maxLength: 3 },
);
