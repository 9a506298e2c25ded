import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lockNow, lockUnlessTaken } from '../../main/linux/file-lock.ts';
import { ERRNO } from '../../main/linux/libc-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'dendro-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('one descriptor at a time has the lock, and lets go of it when it is closed', () => {
  const [first, second] = [openSync(folder, 'r'), openSync(folder, 'r')];
  expect(lockUnlessTaken(first)).toBe(true);
  expect(lockUnlessTaken(second)).toBe(false);
  expect(lockNow(second)).toBe(ERRNO.EWOULDBLOCK);
  closeSync(first);
  expect(lockUnlessTaken(second)).toBe(true);
  closeSync(second);
});

test('what is wrong with the descriptor is no filesystem without locks', () => {
  expect(() => lockUnlessTaken(-1)).toThrow('EBADF');
});
