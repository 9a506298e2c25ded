import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReceiveKillJob } from './kill-child.ts';

const CHILD = join(import.meta.dirname, 'kill-child.ts');
/** Compiled code is kept, as the launcher does. */
const ENV = { NODE_COMPILE_CACHE: join(tmpdir(), 'dendro-kills-compiled') };

/**
 * Receives in a process that kills itself at a change.
 * @returns how many changes it made; undefined: it was killed
 */
export function changesOfReceive(job: ReceiveKillJob): number | undefined {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [CHILD, JSON.stringify(job)],
    { encoding: 'utf8', env: { ...process.env, ...ENV } },
  );
  if (signal === 'SIGKILL') return undefined;
  if (status !== 0) throw new Error(`receive, to be killed at ${job.killAt}: ${status}\n${stderr}`);
  return Number(stdout.trim().split('\n').at(-1));
}
