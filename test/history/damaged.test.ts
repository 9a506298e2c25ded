import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHistory } from '../../main/history/history.ts';
import { openOrRebuild } from '../../main/history/open-or-rebuild.ts';
import { exampleRun } from './example-run.ts';

let folder: string;
let path: string;
let told: string[];
const open = () => openOrRebuild(path, 1_000, (text) => told.push(text));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dendro-damaged-'));
  path = join(folder, 'history.sqlite');
  told = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a history that cannot be used', () => {
  it('is moved aside when it is no database, and begun anew', () => {
    const garbage = Buffer.from('no database at all, and long enough to be looked at'.repeat(99));
    writeFileSync(path, garbage);
    const history = open();
    history.runs.begin(exampleRun(), 'me');
    history.close();
    const aside = readdirSync(folder).find((name) => name.includes('.damaged-'))!;
    expect(readFileSync(join(folder, aside))).toEqual(garbage);
    expect(told.join(' ')).toContain(aside);
    const again = open();
    expect(again.runs.list({ offset: 0, limit: 1 }).total).toBe(1);
    again.close();
  });

  it('is moved aside when pages in its middle are overwritten', () => {
    const before = openHistory(path);
    for (let i = 0; i < 300; i += 1) before.runs.begin(exampleRun({ runId: `run-${i}` }), 'me');
    before.close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 4096 * 3, Math.min(bytes.length, 4096 * 40));
    writeFileSync(path, bytes);
    const history = open();
    expect(history.runs.list({ offset: 0, limit: 1 }).total).toBe(0);
    history.close();
    expect(told).toHaveLength(2);
  });

  it('is left alone when it is of a newer Dendro', () => {
    const newer = new Database(path);
    newer.pragma('user_version = 9999');
    newer.close();
    expect(open).toThrow(expect.objectContaining({ code: 'history-too-new' }));
    expect(readdirSync(folder).filter((name) => name.includes('.damaged-'))).toEqual([]);
  });

  it('is left alone when another program holds it locked', () => {
    openHistory(path).close();
    const other = new Database(path);
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('BEGIN EXCLUSIVE');
    expect(open).toThrow(expect.objectContaining({ kind: 'Conflict', code: 'history-locked' }));
    other.close();
    open().close();
    expect(told).toEqual([]);
  });
});
