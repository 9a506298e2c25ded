import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { libc } from '../../main/linux/libc.ts';

const FS_CHANGES = [
  ...['appendFileSync', 'writeFileSync', 'renameSync', 'rmSync', 'rmdirSync', 'unlinkSync'],
  ...['mkdirSync', 'copyFileSync'],
] as const;

const LIBC_CHANGES = [
  ...['renameat2', 'mkdirat', 'mknodat', 'symlinkat', 'linkat', 'unlinkat', 'pwrite', 'ioctl'],
  ...['ftruncate', 'fsetxattr', 'lsetxattr', 'fremovexattr', 'lremovexattr', 'futimens'],
  ...['utimensat', 'fchown', 'fchownat', 'fchmod', 'fchmodat', 'syncfs', 'fsync', 'fallocate'],
];
const O_CREAT = 0o100;

/**
 * Has this process kill itself with SIGKILL before the `killAt`-th call that changes something,
 * through libc or through node:fs, or right after it, before anybody hears of it; 0: never. To be
 * called before anything is done.
 * @returns how many there were so far
 */
export function countChanges(killAt: number, isAfter = false): () => number {
  let changes = 0;
  const killWhenDue = (): void => {
    if (changes === killAt) process.kill(process.pid, 'SIGKILL');
  };
  type Call = (...args: never[]) => unknown;
  const count = (table: Record<string, Call>, name: string, isOne?: Call): void => {
    const call = table[name]!;
    table[name] = (...args) => {
      if (isOne !== undefined && isOne(...args) !== true) return call(...args);
      changes += 1;
      if (!isAfter) killWhenDue();
      const result = call(...args);
      if (isAfter) killWhenDue();
      return result;
    };
  };
  const nodeFs = fs as unknown as Record<string, Call>;
  for (const name of FS_CHANGES) count(nodeFs, name);
  syncBuiltinESMExports();
  const functions = libc() as unknown as Record<string, Call>;
  for (const name of LIBC_CHANGES) count(functions, name);
  const makes = (_dir: number, _path: unknown, flags: number): boolean => (flags & O_CREAT) !== 0;
  count(functions, 'openat', makes as Call);
  return () => changes;
}
