import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importStreams } from '../../main/archive/import/import-streams.ts';
import { CancelToken } from '../../main/engine/cancel.ts';
import { streamOf, text } from '../receive/receive-harness.ts';

const SUBVOLUMES = 12;
const DATA_BYTES = 600_000;
/** A thread that has ended is there for a moment yet. */
const LEEWAY = 2;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-many-`));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

// Each had threads of its own until the whole file had been read: 2 GB for sixty.
test('a file that holds many snapshots needs no more threads than one that holds one', async () => {
  const file = join(dir, 'all.btrfs');
  writeFileSync(file, Buffer.concat(Array.from({ length: SUBVOLUMES }, (_, i) => subvolume(i))));
  const threads: number[] = [];
  const summary = await importStreams(
    { folder: join(dir, 'archive'), files: [file], nowMs: 1 },
    {
      cancel: new CancelToken(),
      progress: () => threads.push(readdirSync('/proc/self/task').length),
    },
  );
  expect(summary.imported.map(({ name }) => name)).toEqual(
    Array.from({ length: SUBVOLUMES }, (_, i) => `s${i}`),
  );
  const half = threads.length / 2;
  const [first, second] = [threads.slice(0, half), threads.slice(half)];
  expect(Math.max(...second)).toBeLessThanOrEqual(Math.max(...first) + LEEWAY);
});

function subvolume(number: number): Uint8Array {
  return streamOf((encoder) => {
    encoder.subvol(text(`s${number}`), Buffer.alloc(16, number + 1), 7);
    encoder.mkfile(text('file'), 257);
    for (let at = 0; at < DATA_BYTES; at += 50_000) {
      encoder.write(text('file'), at, Buffer.alloc(50_000, number));
    }
    encoder.end();
  });
}
