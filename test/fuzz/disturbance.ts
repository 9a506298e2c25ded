import { spawn } from 'node:child_process';
import { run } from '../harness/run.ts';

/** Until it has begun; a send of a small tree takes no longer. */
const BEGINS_MS = 60;

/** What goes on over and over: the mount is the first argument, the subvolume in work the second. */
const SCRIPTS = {
  balance: 'btrfs balance start --full-balance "$1"',
  // Whatever is shared with snapshots gets a copy; others are made and deleted meanwhile.
  defragment: `btrfs filesystem defragment -r -l 16M "$2"
    btrfs subvolume snapshot -r "$2" "$1/beside"
    btrfs filesystem sync "$1"
    btrfs subvolume delete -c "$1/beside"`,
};

/** Does something in a process of its own that moves what is read. Returns what ends it. */
export function startDisturbance(
  kind: keyof typeof SCRIPTS,
  dir: string,
  work: string,
): () => void {
  const script = `while true; do ${SCRIPTS[kind]}; done`;
  const args = ['-c', script, 'sh', dir, work];
  const { pid } = spawn('sh', args, { stdio: 'ignore', detached: true });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BEGINS_MS);
  return () => {
    process.kill(-pid!, 'SIGKILL');
    if (kind === 'balance') run('btrfs', ['balance', 'cancel', dir], { accept: [0, 1, 2] });
    else run('btrfs', ['-q', 'subvolume', 'delete', `${dir}/beside`], { accept: [0, 1] });
  };
}
