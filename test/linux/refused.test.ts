import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toErrorData } from '../../shared/errors.ts';
import { ERRNO, throwErrno, typedFs } from '../../main/linux/libc-error.ts';
import { dendro } from '../cli/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';

const caught = (work: () => void): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describeKernel('what the kernel refuses to root', () => {
  // The advice to root was to run it as root.
  test('is not to be done as root', () =>
    withBtrfs({ sizeMiB: 256 }, ({ dir }) => {
      const file = join(dir, 'immutable');
      writeFileSync(file, '');
      run('chattr', ['+i', file]);
      try {
        for (const error of [
          caught(() => throwErrno(ERRNO.EPERM, 'write', file)),
          typedFs(caught(() => writeFileSync(file, 'x'))),
        ]) {
          const { kind, code, hint } = toErrorData(error);
          expect({ kind, code }).toEqual({ kind: 'Denied', code: 'refused-to-root' });
          expect(hint).not.toMatch(/[Rr]un as root/);
        }
        const command = dendro(['send', '-f', file, dir]);
        expect(command.stderr.toString()).not.toMatch(/[Rr]un as root/);
      } finally {
        run('chattr', ['-i', file]);
      }
    }));
});

describeKernel('a subvolume with a swap file in use', () => {
  test('is told for what it is, with what to do', () =>
    withBtrfs({ sizeMiB: 256 }, ({ dir }) => {
      const home = join(dir, 'home');
      run('btrfs', ['subvolume', 'create', home]);
      const swap = join(home, 'swap');
      writeFileSync(swap, '');
      run('chattr', ['+C', swap]);
      run('fallocate', ['-l', '1M', swap]);
      run('chmod', ['600', swap]);
      run('mkswap', [swap]);
      run('swapon', [swap]);
      try {
        const made = dendro(['snapshots', 'create', home, join(dir, 'point')]);
        expect(made.stderr.toString()).toMatch(/swap-in-use/);
        expect(made.stderr.toString()).toMatch(/subvolume of its own/);
      } finally {
        run('swapoff', [swap]);
      }
    }));
});

test('a filesystem that is read-only is no matter of permission', () => {
  const error = Object.assign(new Error('EROFS: read-only'), {
    ...{ code: 'EROFS', syscall: 'open', path: '/x' },
  });
  expect(toErrorData(error)).toMatchObject({ kind: 'Io', code: 'read-only' });
});

// "errno 4094", with no advice: the names of files that a power cut had taken, on NTFS.
test('what rmSync has no name for is an error of the drive', () => {
  const error = Object.assign(new Error('UNKNOWN: unknown error'), {
    ...{ errno: 4094, code: 'UNKNOWN', syscall: 'rm', path: '/x' },
  });
  expect(toErrorData(typedFs(error))).toMatchObject({ kind: 'Io', code: 'device-error' });
});
