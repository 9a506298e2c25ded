import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { importStreams } from '../../main/archive/import/import-streams.ts';
import { rebuildIndex } from '../../main/archive/import/rebuild-index.ts';
import { PartsSource } from '../../main/archive/read/parts.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import type { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { Random } from '../harness/random.ts';
import { streamOf, text } from '../receive/receive-harness.ts';
import { context } from './archive-harness.ts';

const BLOCK = 4096;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-chain-`));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true, force: true });
});

const uuidOf = (number: number): Buffer => Buffer.alloc(16, number + 1);

/** Snapshot `number` of a chain; the first is a full one. */
function link(number: number, write: (encoder: StreamEncoder) => void): string {
  const file = join(dir, `${String(number).padStart(3, '0')}.btrfs`);
  const stream = streamOf((encoder) => {
    const name = text(`s${number}`);
    if (number === 0) encoder.subvol(name, uuidOf(0), 7);
    else encoder.snapshot(name, uuidOf(number), 7 + number, uuidOf(number - 1), 6 + number);
    write(encoder);
    encoder.end();
  });
  writeFileSync(file, stream);
  return file;
}

function written(encoder: StreamEncoder, path: string, bytes: Buffer): void {
  const most = 12 * BLOCK;
  for (let at = 0; at < bytes.length; at += most) {
    encoder.write(text(path), at, bytes.subarray(at, at + most));
  }
}

/** A chain in which each increment changes a file in part. */
function changing(length: number): string[] {
  const random = new Random(length);
  return Array.from({ length }, (_, number) =>
    link(number, (encoder) => {
      if (number === 0) {
        encoder.mkfile(text('file'), 257);
        written(encoder, 'file', random.bytes(4 * BLOCK));
      } else encoder.write(text('file'), BLOCK * (number % 4), random.bytes(BLOCK));
    }),
  );
}

const importAll = (folder: string, files: string[]) =>
  importStreams({ folder, files, nowMs: Date.now() }, context());

async function faults(folder: string): Promise<string[]> {
  const { problems, notes } = await verifyArchive({ folder, level: 'full' }, context());
  return [...problems, ...notes].map(({ code }) => code);
}

// The chain was opened again for each of its points: sixty took 20 minutes and 860 MiB.
test('a chain twice as long is twice the work', async () => {
  const readsFor = async (length: number): Promise<number> => {
    const folder = join(dir, `archive-${length}`);
    const files = changing(length);
    const reads = vi.spyOn(PartsSource.prototype, 'read');
    await importAll(folder, files);
    const { length: count } = reads.mock.calls;
    reads.mockRestore();
    expect(await faults(folder)).toEqual([]);
    return count;
  };
  const few = await readsFor(10);
  expect(await readsFor(20)).toBeLessThan(2.5 * few);
});

// It opened the chain again for each point: of 400 the last one read the indexes of 399.
test('indexes of a chain twice as long are twice the work, and as they were', async () => {
  const readsFor = async (length: number): Promise<number> => {
    const folder = join(dir, `archive-${length}`);
    const files = changing(length);
    await importAll(folder, files);
    const indexes = (): Buffer[] =>
      readdirSync(join(folder, basename(dir)))
        .filter((name) => name.includes('.index.'))
        .map((name) => readFileSync(join(folder, basename(dir), name)));
    const before = indexes();
    const reads = vi.spyOn(PartsSource.prototype, 'read');
    const { failures } = await rebuildIndex({ folder, nowMs: Date.now() }, context());
    const { length: count } = reads.mock.calls;
    reads.mockRestore();
    expect(failures).toEqual([]);
    expect(indexes().map((bytes, i) => bytes.equals(before[i]!))).toEqual(files.map(() => true));
    expect(await faults(folder)).toEqual([]);
    return count;
  };
  const few = await readsFor(10);
  expect(await readsFor(20)).toBeLessThan(2.5 * few);
});

// A frame of 1 MiB was unpacked for each piece of 4 KiB.
test('a file that is cloned together from everywhere unpacks each frame a few times', async () => {
  const random = new Random(1);
  const blocks = 16 * 256;
  const source = random.bytes(blocks * BLOCK);
  const file = link(0, (encoder) => {
    encoder.mkfile(text('source'), 257);
    written(encoder, 'source', source);
    encoder.mkfile(text('file'), 258);
    for (let i = 0; i < blocks; i += 1) {
      const from = random.between(0, blocks - 1) * BLOCK;
      encoder.clone(text('file'), i * BLOCK, BLOCK, uuidOf(0), 7, text('source'), from);
    }
  });
  const folder = join(dir, 'archive');
  const reads = vi.spyOn(PartsSource.prototype, 'read');
  expect((await importAll(folder, [file])).failures).toEqual([]);
  expect(reads.mock.calls.length).toBeLessThan(blocks / 4);
  expect(await faults(folder)).toEqual([]);
});

// Its path was looked up when the stream had ended: it had no hash, and nobody said so.
test('a file that is changed in part before a folder above it is moved has its hash', async () => {
  const random = new Random(2);
  const files = [
    link(0, (encoder) => {
      encoder.mkdir(text('old'), 257);
      for (const name of ['old/file', 'old/other']) {
        encoder.mkfile(text(name), 258);
        written(encoder, name, random.bytes(4 * BLOCK));
      }
    }),
    link(1, (encoder) => {
      encoder.write(text('old/file'), BLOCK, random.bytes(BLOCK));
      encoder.rename(text('old'), text('new'));
      encoder.write(text('new/other'), BLOCK, random.bytes(BLOCK));
    }),
  ];
  const folder = join(dir, 'archive');
  await importAll(folder, files);
  expect(await faults(folder)).toEqual([]);
});
