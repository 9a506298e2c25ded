import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHistory, type History } from '../../main/history/history.ts';
import { migrate, readMigrations } from '../../main/history/migrate.ts';
import { exampleRun } from './example-run.ts';
import { toPlace } from '../../main/runs/titles.ts';

const everything = { offset: 0, limit: 100 };
let folder: string;
let history: History;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dendro-history-'));
  history = openHistory(join(folder, 'history.sqlite'));
});
afterEach(() => {
  history.close();
  rmSync(folder, { recursive: true });
});

describe('runs', () => {
  it('come back as they were recorded', () => {
    const run = exampleRun({ notes: ['one hard link was copied'] });
    history.runs.begin(run, 'me');
    const ended = { ...run, state: 'done' as const, endedAtMs: 2_000 };
    history.runs.update(ended, ended.endedAtMs!);
    expect(history.runs.get(run.runId)).toEqual(ended);
  });

  it('keep what they were asked for as long as they are kept', () => {
    const ended = exampleRun({ state: 'done', endedAtMs: 2_000 });
    const request = { call: 'verify.start', input: { volumeId: 'v' } };
    history.runs.begin(ended, 'me', request);
    expect(history.runs.requestOf(ended.runId)).toEqual(request);
    history.runs.trim(ended.startedAtMs + 1, 100);
    expect(history.runs.requestOf(ended.runId)).toBeUndefined();
  });

  // The title was kept as English words alone, and a German page showed those.
  it('keep the code and the values of their title, and are found by its English words', () => {
    const run = exampleRun({ title: toPlace('Home', 'Blue Drive') });
    history.runs.begin(run, 'me');
    history.runs.update({ ...run, state: 'done' }, 2);
    expect(history.runs.get(run.runId).title).toEqual({
      code: 'title-to-place',
      text: 'Home to Blue Drive',
      values: { what: 'Home', place: 'Blue Drive' },
    });
    expect(history.runs.list({ text: 'to blue', ...everything }).total).toBe(1);
  });

  // By the moment they say they began: those of a clock that was ahead stayed on top for years.
  it('stand in the order in which they began, whatever the clock said', () => {
    const now = Date.UTC(2026, 10, 30);
    const moments = [now, Date.UTC(2036, 0, 1), now + 1, Date.UTC(1970, 0, 1), now + 2];
    moments.forEach((startedAtMs, i) => {
      history.runs.begin(exampleRun({ runId: `run-${9 - i}`, startedAtMs }), 'me');
    });
    const listed = (part: object) => history.runs.list({ ...everything, ...part }).runs;
    expect(listed({}).map(({ startedAtMs }) => startedAtMs)).toEqual(moments.toReversed());
    expect(listed({ offset: 1, limit: 2 }).map(({ runId }) => runId)).toEqual(['run-6', 'run-7']);
    expect(history.runs.beginning('run-').map(({ runId }) => runId)[0]).toBe('run-5');
  });

  it('are listed newest first, by state and by page', () => {
    for (let i = 0; i < 10; i += 1) {
      const state = i % 2 === 0 ? ('done' as const) : ('failed' as const);
      history.runs.begin(exampleRun({ runId: `run-${i}`, startedAtMs: i, state }), 'me');
    }
    const failed = history.runs.list({ state: 'failed', offset: 1, limit: 2 });
    expect(failed.total).toBe(5);
    expect(failed.runs.map((run) => run.runId)).toEqual(['run-7', 'run-5']);
    expect(history.runs.list({ afterMs: 3, beforeMs: 6, ...everything }).total).toBe(3);
    history.runs.begin(exampleRun({ runId: 'photos', title: '100% of Photos to NAS' }), 'me');
    expect(history.runs.list({ text: '0% OF ph', ...everything }).total).toBe(1);
    expect(history.runs.list({ text: '%', state: 'failed', ...everything }).total).toBe(0);
  });

  it('name the run that does not exist', () => {
    expect(() => history.runs.get('nope')).toThrow(
      expect.objectContaining({ kind: 'Conflict', code: 'run-unknown' }),
    );
  });

  it('that a process left behind are marked as interrupted, those of living ones are not', () => {
    history.runs.begin(exampleRun({ runId: 'lost', state: 'running' }), 'gone');
    history.runs.begin(exampleRun({ runId: 'live', state: 'running' }), 'alive');
    expect(history.runs.markInterrupted((owner) => owner === 'alive', 5_000)).toBe(1);
    const lost = history.runs.get('lost');
    expect(lost).toMatchObject({ state: 'interrupted', endedAtMs: lost.startedAtMs });
    expect(lost.error?.code).toBe('run-interrupted');
    expect(lost.steps.every((step) => step.state !== 'running')).toBe(true);
    expect(history.runs.get('live').state).toBe('running');
  });

  it('that a process left behind ended when they last said something, not when that was seen', () => {
    const run = exampleRun({ runId: 'cut off', state: 'running', startedAtMs: 1_000 });
    history.runs.begin(run, 'gone');
    history.runs.update(run, 91_000);
    history.runs.markInterrupted(() => false, 1_300_000);
    const found = history.runs.get('cut off');
    expect(found.endedAtMs).toBe(91_000);
    expect(found.steps.map(({ endedAtMs }) => endedAtMs)).not.toContain(1_300_000);
  });

  it('survive kill -9 of the process that wrote them', () => {
    const path = join(folder, 'killed.sqlite');
    const module = new URL('../../main/history/history.ts', import.meta.url).href;
    const example = new URL('./example-run.ts', import.meta.url).href;
    const program = `
      import { openHistory } from ${JSON.stringify(module)};
      import { exampleRun } from ${JSON.stringify(example)};
      const history = openHistory(${JSON.stringify(path)});
      for (let i = 0; i < 50; i += 1) {
        history.runs.begin(exampleRun({ runId: 'run-' + i, state: 'running' }), 'gone');
      }
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', program]);
    expect(child.signal).toBe('SIGKILL');
    const after = openHistory(path);
    expect(after.runs.markInterrupted(() => false, 1)).toBe(50);
    after.close();
  });
});

describe('restore points', () => {
  const uuid = (n: number): string => `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`;
  const seen = (n: number, place: 'local' | 'drive', sourceUuid: string | null) => ({
    pointId: uuid(n),
    sourceUuid,
    name: `point-${n}`,
    takenAtMs: n,
    subvolumeId: 256 + n,
    path: `.dendro/point-${n}`,
    place,
  });

  it('gather their copies, and stay known while a drive is away', () => {
    history.points.volumeSeen('laptop', 'Laptop', 1);
    history.points.volumeSeen('drive', 'Blue Drive', 1);
    history.points.replaceVolume(
      'laptop',
      [1, 2].map((n) => seen(n, 'local', uuid(99))),
    );
    history.points.replaceVolume(
      'drive',
      [1].map((n) => seen(n, 'drive', null)),
    );
    const points = history.points.list(new Set(['laptop']), uuid(99));
    expect(points.map((point) => point.name)).toEqual(['point-2', 'point-1']);
    expect(points[1]!.copies.map((copy) => [copy.volumeName, copy.present])).toEqual([
      ['Laptop', true],
      ['Blue Drive', false],
    ]);
  });

  it('keep what the backup recorded when only the copy on the drive is left', () => {
    history.points.replaceVolume('laptop', [seen(1, 'local', uuid(99))]);
    history.points.replaceVolume('drive', [seen(1, 'drive', null)]);
    const made = { pointId: uuid(1), sourceUuid: uuid(99), name: 'point-1', takenAtMs: 1 };
    const backup = { runId: 'run', bytes: 10, files: 2, parentPointId: null };
    history.points.pointBackedUp({ ...made, ...backup });
    history.points.replaceVolume('laptop', []);
    const [point] = history.points.list(new Set());
    expect(point).toMatchObject({ sourceUuid: uuid(99), backup: { runId: 'run', bytes: 10 } });
    history.points.forgetVolume('drive');
    expect(history.points.list(new Set())).toEqual([]);
  });
});

describe('settings and plans', () => {
  it('settings have defaults, and outlive values that are no longer understood', () => {
    expect(history.settings.get().theme).toBe('system');
    expect(history.settings.set({ theme: 'dark' }).theme).toBe('dark');
    const raw = new Database(join(folder, 'history.sqlite'));
    raw.exec(`UPDATE settings SET value = '"neon"' WHERE name = 'theme'`);
    raw.close();
    expect(history.settings.get().theme).toBe('system');
  });

  it('an unknown plan is named', () => {
    expect(() => history.plans.get('x')).toThrow(expect.objectContaining({ code: 'plan-unknown' }));
  });
});

describe('the file', () => {
  it('is for its owner only and journaled by WAL', () => {
    expect(statSync(history.path).mode & 0o777).toBe(0o600);
    const raw = new Database(history.path);
    expect(raw.pragma('journal_mode', { simple: true })).toBe('wal');
    raw.close();
  });

  it('runs each migration once, in order of its number', () => {
    const migrations = readMigrations();
    const database = new Database(':memory:');
    migrate(database, migrations.slice(0, 1));
    expect(database.pragma('user_version', { simple: true })).toBe(1);
    migrate(database);
    migrate(database);
    expect(database.pragma('user_version', { simple: true })).toBe(migrations.length);
  });

  it('turns a schedule of an earlier version into a plan, with all that it says', () => {
    const path = join(folder, 'schedules.sqlite');
    const database = new Database(path);
    migrate(database, readMigrations().slice(0, 6));
    const none = { hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
    const draft = {
      name: 'Home \udce9',
      enabled: true,
      source: { volumeId: 'laptop', subvolumeId: 257 },
      target: { volumeId: 'drive', folder: 'caf\udce9' },
      timing: { every: 'week', weekday: 0, hour: 9, minute: 30 },
      keepLocal: { latest: 2, ...none },
      keepTarget: { latest: 3, ...none, monthly: 12 },
    };
    const insert = database.prepare('INSERT INTO schedules VALUES (?, ?, ?, ?, ?, ?)');
    insert.run('a', JSON.stringify(draft), 1, 10, 'run-1', 20);
    insert.run('b', JSON.stringify({ ...draft, target: null, enabled: false }), 0, 11, null, null);
    database.close();
    const later = openHistory(path);
    const [a, b] = later.plans.list();
    later.close();
    expect(a).toMatchObject({
      planId: 'a',
      lastRunId: 'run-1',
      draft: {
        name: draft.name,
        enabled: true,
        sources: [{ ...draft.source, nested: false }],
        when: [draft.timing],
        keepLocal: draft.keepLocal,
        targets: [{ kind: 'btrfs', ...draft.target, keep: draft.keepTarget }],
      },
      parts: [
        { key: 'local', lastRunAtMs: 20 },
        { key: 'btrfs:drive/caf\udce9', lastRunAtMs: 20 },
      ],
    });
    expect(b).toMatchObject({ draft: { enabled: false, targets: [] }, parts: [{ key: 'local' }] });
  });

  it('of a newer Dendro is refused and left as it is', () => {
    const path = join(folder, 'newer.sqlite');
    const newer = new Database(path);
    newer.pragma('user_version = 9999');
    newer.close();
    expect(() => openHistory(path)).toThrow(expect.objectContaining({ code: 'history-too-new' }));
  });

  it('that is no database is called damaged and left as it is', () => {
    const path = join(folder, 'garbage.sqlite');
    writeFileSync(path, 'this is not a database, but long enough to be looked at'.repeat(100));
    const before = readFileSync(path);
    expect(() => openHistory(path)).toThrow(
      expect.objectContaining({ kind: 'Corrupt', code: 'history-damaged' }),
    );
    expect(readFileSync(path)).toEqual(before);
  });
});
