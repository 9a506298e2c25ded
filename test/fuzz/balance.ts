import { spawn } from 'node:child_process';
import { run } from '../harness/run.ts';

/** Until a balance has begun; a send of a small tree takes no longer. */
const BEGINS_MS = 60;

/** Balances over and over in a process of its own. Returns what ends it. */
export function startBalance(dir: string): () => void {
  const script = 'while true; do btrfs balance start --full-balance "$1"; done';
  const { pid } = spawn('sh', ['-c', script, 'sh', dir], { stdio: 'ignore', detached: true });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BEGINS_MS);
  return () => {
    process.kill(-pid!, 'SIGKILL');
    run('btrfs', ['balance', 'cancel', dir], { accept: [0, 1, 2] });
  };
}
