import { closeSync, openSync, readSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Argv } from '../harness/pipeline.ts';
import type { TestBtrfs } from '../harness/loop.ts';
import { dendro } from '../harness/dendro.ts';
import { dropCaches } from '../harness/drop-caches.ts';
import { runPipeline } from './dendro.ts';

/**
 * Seconds of `send | receive` with cold caches, until all is on the target's disk. Both tools
 * are measured so.
 */
export async function timeTransfer(send: Argv, receive: Argv, target: TestBtrfs): Promise<number> {
  dropCaches(dendro);
  const started = performance.now();
  await runPipeline([send, receive]);
  target.sync();
  return (performance.now() - started) / 1000;
}

/** Bytes of the stream that a command writes. */
export async function streamBytes(send: Argv): Promise<number> {
  const counted = join(tmpdir(), `dendro-demo-bytes-${process.pid}`);
  const fd = openSync(counted, 'wx+');
  // Gone from its folder at once: nothing to clean up, however the demo ends.
  unlinkSync(counted);
  try {
    await runPipeline([send, ['wc', '-c']], fd);
    const text = Buffer.alloc(32);
    return Number(text.toString('latin1', 0, readSync(fd, text, 0, text.length, 0)));
  } finally {
    closeSync(fd);
  }
}
