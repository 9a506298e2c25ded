import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Argv } from '../harness/pipeline.ts';
import type { TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { runPipeline } from './dendro.ts';

/**
 * Seconds of `send | receive` with cold caches, until all is on the target's disk. Both tools
 * are measured so.
 */
export async function timeTransfer(send: Argv, receive: Argv, target: TestBtrfs): Promise<number> {
  run('sync', []);
  writeFileSync('/proc/sys/vm/drop_caches', '3');
  const started = performance.now();
  await runPipeline([send, receive]);
  target.sync();
  return (performance.now() - started) / 1000;
}

/** Bytes of the stream that a command writes. */
export async function streamBytes(send: Argv): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'dendro-demo-count-'));
  const counted = join(folder, 'bytes');
  const fd = openSync(counted, 'w');
  try {
    await runPipeline([send, ['wc', '-c']], fd);
    return Number(readFileSync(counted, 'utf8'));
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true, force: true });
  }
}
