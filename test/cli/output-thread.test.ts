import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { OutputThread } from '../../main/cli/stream-threads/output-thread.ts';
import { makePipe } from '../../main/linux/pipes.ts';
import { Random } from '../harness/random.ts';

const MIB = 1 << 20;
const text = new TextEncoder();

/** More than is written before the thread starts: small commands, large ones that need none, and small ones. */
function encode(encoder: StreamEncoder, seed: number): void {
  const random = new Random(seed);
  const data = random.bytes(MIB);
  encoder.subvol(text.encode('top'), data.subarray(0, 16), 7);
  for (let written = 0, inode = 257; written < 60 * MIB; inode += 1) {
    const path = text.encode(`folder/${'x'.repeat(random.between(0, 200))}-${inode}`);
    const isLarge = written > 25 * MIB && written < 40 * MIB;
    // Now and then longer than the memory that commands are written into.
    const largest = isLarge || random.chance(0.002) ? MIB : 3000;
    const length = random.between(0, largest);
    encoder.mkfile(path, inode);
    encoder.encodedWrite(path, {
      offset: 0,
      unencodedFileLength: length,
      unencodedLength: length,
      unencodedOffset: 0,
      compression: 2,
      encryption: 0,
      data: data.subarray(0, length),
    });
    encoder.chmod(path, 0o644);
    written += length;
  }
  encoder.end();
}

function plain(seed: number): Buffer {
  const parts: Buffer[] = [];
  encode(new StreamEncoder((bytes) => void parts.push(Buffer.from(bytes)), { protocol: 2 }), seed);
  return Buffer.concat(parts);
}

test('a stream that a thread writes has the bytes of one that is written at once', () => {
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'stream');
  const fd = openSync(path, 'w');
  const output = new OutputThread(fd);
  // Two streams in one output, as `dendro send` writes several snapshots.
  for (const seed of [1, 2]) {
    encode(new StreamEncoder(output.drain(), { protocol: 2 }), seed);
  }
  output.end();
  closeSync(fd);
  expect(readFileSync(path).equals(Buffer.concat([plain(1), plain(2)]))).toBe(true);
});

test('a reader that ends while the thread writes is told to whoever encodes, each time', () => {
  const { read, write } = makePipe();
  onTestFinished(() => closeSync(write));
  spawn('head', ['-c', `${20 * MIB}`], { stdio: [read, 'ignore', 'inherit'] });
  closeSync(read);
  const output = new OutputThread(write);
  const closed = expect.objectContaining({ code: 'output-closed' }) as Error;
  expect(() => encode(new StreamEncoder(output.drain(), { protocol: 2 }), 3)).toThrow(closed);
  expect(() => output.end()).toThrow(closed);
});
