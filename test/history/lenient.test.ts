import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DriveRecord } from '../../main/history/drives.ts';
import { openHistory } from '../../main/history/history.ts';
import { lenient } from '../../main/history/lenient.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
});
afterAll(() => rmSync(folder, { recursive: true }));

const drive: DriveRecord = {
  ...{ driveId: 'ab', name: 'Stick', markerId: 'm', luksUuid: null, passphrase: 'ask' },
  ...{ filesystem: 'ext4', label: '', sizeBytes: 1, addedAtMs: 1, mountedPath: null },
  disk: { path: '/dev/x', model: '', vendor: '', serial: '', transport: '' } as never,
};

test('what was seen of a drive may be lost while the history is locked, what is asked for fails', () => {
  const path = join(folder, 'history.sqlite');
  const told: string[] = [];
  const history = lenient(openHistory(path), ({ code }) => void told.push(code));
  const other = new Database(path);
  try {
    other.exec('BEGIN IMMEDIATE');
    history.drives.note(drive, 1);
    expect(told).toEqual(['history-locked']);
    expect(() => history.drives.put(drive, 1)).toThrow();
    other.exec('ROLLBACK');
    history.drives.note(drive, 2);
    expect(history.drives.list()).toMatchObject([{ driveId: 'ab', lastSeenAtMs: 2 }]);
    expect(told).toHaveLength(1);
  } finally {
    other.close();
    history.close();
  }
}, 30_000);
