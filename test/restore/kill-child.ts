/**
 * A process that kills itself with SIGKILL before its Nth change: run with the JSON of a `KillJob`.
 * It counts the system calls that change something, through libc and through node:fs, and when it
 * comes to its end it prints how many there were.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

export interface KillJob {
  readonly verb: string;
  readonly input: unknown;
  /** 0: never. */
  readonly killAt: number;
}

const job = JSON.parse(process.argv[2]!) as KillJob;
let changes = 0;

function counted<T extends (...args: never[]) => unknown>(call: T): T {
  return ((...args: never[]) => {
    changes += 1;
    if (changes === job.killAt) process.kill(process.pid, 'SIGKILL');
    return call(...args);
  }) as T;
}

const FS_CHANGES = [
  ...['appendFileSync', 'writeFileSync', 'renameSync', 'rmSync', 'rmdirSync', 'unlinkSync'],
  ...['mkdirSync', 'copyFileSync'],
] as const;
const nodeFs = fs as unknown as Record<string, (...args: never[]) => unknown>;
for (const name of FS_CHANGES) nodeFs[name] = counted(nodeFs[name]!);
syncBuiltinESMExports();

const LIBC_CHANGES = [
  ...['renameat2', 'mkdirat', 'mknodat', 'symlinkat', 'linkat', 'unlinkat', 'pwrite', 'ioctl'],
  ...['ftruncate', 'fsetxattr', 'lsetxattr', 'futimens', 'utimensat', 'fchown', 'fchownat'],
  ...['fchmod', 'fchmodat', 'syncfs', 'fallocate'],
];
const { libc } = await import('../../main/linux/libc.ts');
const functions = libc() as unknown as Record<string, (...args: never[]) => unknown>;
for (const name of LIBC_CHANGES) {
  const call = functions[name];
  if (call !== undefined) functions[name] = counted(call);
}

const { verbs } = await import('../../main/engine/index.ts');
const { CancelToken } = await import('../../main/engine/cancel.ts');
const { closeVolumes } = await import('../../main/engine/open-volumes.ts');
const verb = (verbs as unknown as Record<string, (input: unknown, context: object) => unknown>)[
  job.verb
]!;
await verb(job.input, { cancel: new CancelToken(), progress: () => {} });
closeVolumes();
process.stdout.write(`${changes}\n`);
