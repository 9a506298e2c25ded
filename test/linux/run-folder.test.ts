import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeRunFolder } from '../../main/linux/run-folder.ts';

const top = mkdtempSync(join(tmpdir(), 'dendro-run-'));
afterAll(() => rmSync(top, { recursive: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('the folder of root below /run lets others pass to the socket, whoever made it', () => {
  const made = join(top, 'a', 'made');
  makeRunFolder(made);
  expect(modeOf(made)).toBe(0o755);

  const closed = join(top, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  makeRunFolder(closed);
  expect(modeOf(closed)).toBe(0o755);
});
