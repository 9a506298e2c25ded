import { expect, test } from 'vitest';
import { koffi } from '../../main/linux/koffi.ts';
import { lastErrno, libc } from '../../main/linux/libc.ts';
import { checked, ERRNO } from '../../main/linux/libc-error.ts';
import { AT_FDCWD } from '../../main/linux/files.ts';
import { errorOf } from '../receive/receive-harness.ts';

const MISSING = Buffer.from('/nowhere/at/all\0');

// Collecting garbage on the way sets errno of the thread: ENOENT was told as EAGAIN.
test('why a call failed is what it was, whatever the engine did on the thread behind it', () => {
  const result = libc().openat(AT_FDCWD, MISSING, 0, 0);
  koffi().errno(ERRNO.EAGAIN);
  expect(lastErrno()).toBe(ERRNO.ENOENT);
  expect(errorOf(() => checked(result, 'open', MISSING)).code).toBe('not-found');
});

test('a call that went well leaves it alone', () => {
  libc().openat(AT_FDCWD, MISSING, 0, 0);
  libc().umask(libc().umask(0));
  expect(lastErrno()).toBe(ERRNO.ENOENT);
});
