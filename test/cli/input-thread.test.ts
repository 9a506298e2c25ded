import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { toErrorData } from '../../shared/errors.ts';
import { InputThread } from '../../main/cli/stream-threads/input-thread.ts';
import type { CommandSink } from '../../main/engine/stream/command-sink.ts';
import { decodeStream } from '../../main/engine/stream/decode.ts';
import { bytesSource, type ByteSource } from '../../main/engine/stream/decode-source.ts';
import { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { makePipe } from '../../main/linux/pipes.ts';
import { dendro } from '../harness/dendro.ts';
import { Random } from '../harness/random.ts';

const MIB = 1 << 20;
const EXTENT = 128 << 10;
const text = new TextEncoder();
// half of it random, so that it is packed to something over half
const packed = zstdCompressSync(new Random(0).bytes(EXTENT).map((byte, i) => (i & 16 ? byte : 7)));

/** Large commands at first, so that the thread starts; then of all sizes. */
function makeStream(seed: number, large: number, all: number): Buffer {
  const random = new Random(seed);
  const data = random.bytes(3 * MIB);
  const parts: Buffer[] = [];
  const encoder = new StreamEncoder((bytes) => void parts.push(Buffer.from(bytes)), {
    protocol: 2,
  });
  encoder.subvol(text.encode('top'), data.subarray(0, 16), 7);
  const file = text.encode('file');
  encoder.mkfile(file, 257);
  for (let at = 0; at < large; at += EXTENT) encoder.write(file, at, data.subarray(0, EXTENT));
  for (let at = 0; at < all;) {
    const path = text.encode(`folder/${'x'.repeat(random.between(0, 200))}`);
    const encoded = random.pick([packed, packed, packed, packed.subarray(0, 500), data]);
    const written = data.subarray(0, random.between(1, EXTENT));
    const kind = random.between(0, 40);
    // Some do not decode; one is more than an extent can be, and than a slot of the ring holds.
    if (kind < 10 && encoded.length < all) encoder.encodedWrite(path, packedAt(at, encoded));
    else if (kind < 20) encoder.write(path, at, written);
    else encoder.chmod(path, 0o644);
    at += kind < 10 ? encoded.length : kind < 20 ? written.length : 100;
  }
  encoder.end();
  encoder.flush();
  return Buffer.concat(parts);
}

function packedAt(offset: number, data: Uint8Array) {
  const sizes = { unencodedFileLength: EXTENT, unencodedLength: EXTENT, unencodedOffset: 0 };
  return { offset, ...sizes, compression: 2, encryption: 0, data };
}

interface Seen {
  readonly calls: readonly string[];
  readonly proven: number;
  readonly outcome: unknown;
}

const clock = new Int32Array(new SharedArrayBuffer(4));

/** What a sink gets to hear, and how it ends. @param pauseMs that it takes for data */
function decoded(source: ByteSource, pauseMs = 0): Seen {
  const calls: string[] = [];
  let proven = 0;
  const show = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return createHash('sha1').update(value).digest('hex');
    if (typeof value !== 'object' || value === null) return value;
    const { isProven, ...rest } = value as { isProven?: boolean };
    if (isProven === true) proven += 1;
    return Object.values(rest).map(show);
  };
  const sink = new Proxy({} as CommandSink, {
    get: (_target, name) => {
      if (name === 'resume') return undefined;
      return (...args: unknown[]) => {
        if (String(name).toLowerCase().includes('write')) Atomics.wait(clock, 0, 0, pauseMs);
        calls.push(JSON.stringify([name, ...args.map(show)]));
      };
    },
  });
  try {
    return { calls, outcome: decodeStream(source, sink), proven };
  } catch (error) {
    return { calls, outcome: toErrorData(error), proven };
  }
}

function fed(stream: Buffer): { source: InputThread; close: () => void } {
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  const path = join(folder, 'stream');
  writeFileSync(path, stream);
  const fd = openSync(path, 'r');
  const source = new InputThread(fd);
  const close = (): void => {
    source.end();
    closeSync(fd);
    rmSync(folder, { recursive: true });
  };
  return { source, close };
}

function throughThread(stream: Buffer): Seen {
  const { source: input, close } = fed(stream);
  let isAhead = false;
  const ahead: ByteSource['ahead'] = (used, commands, rest) => {
    let pieces = input.ahead(used, commands, rest);
    // on a busy machine it starts late
    for (let tries = 0; pieces === undefined && used > 16 * MIB && tries < 600; tries += 1) {
      Atomics.wait(clock, 0, 0, 100);
      pieces = input.ahead(used, commands, rest);
    }
    isAhead ||= pieces !== undefined;
    return pieces;
  };
  try {
    // as slow as a receive, so that the thread has something to do
    const seen = decoded({ read: (...args) => input.read(...args), ahead }, 1);
    expect(isAhead).toBe(true);
    return seen;
  } finally {
    close();
  }
}

function sameAsAtOnce(stream: Buffer, what: string): Seen {
  const [seen, wanted] = [throughThread(stream), decoded(bytesSource(stream))];
  expect(seen.outcome, what).toEqual(wanted.outcome);
  expect(seen.calls, what).toEqual(wanted.calls);
  return seen;
}

test('a stream that a thread reads is the one that is read at once', () => {
  // Two of them, as `cat a b` joins them.
  const stream = Buffer.concat([makeStream(1, 48 * MIB, 12 * MIB), makeStream(2, 0, 4 * MIB)]);
  const seen = sameAsAtOnce(stream, 'whole');
  expect(seen.outcome).toMatchObject({ bytes: stream.length, version: 2 });
  expect(seen.proven).toBeGreaterThan(0);
}, 60_000);

// What is read of a command that fits no slot cannot be handed to the thread.
test('commands that are larger than what the thread hands over', () => {
  const data = new Random(6).bytes(10 * MIB);
  for (const [size, count] of [
    [6 * MIB, 8],
    [MIB - 40, 48],
    [MIB + 40, 48],
  ] as const) {
    const parts: Buffer[] = [];
    const encoder = new StreamEncoder((bytes) => void parts.push(Buffer.from(bytes)), {
      protocol: 2,
    });
    encoder.subvol(text.encode('top'), data.subarray(0, 16), 7);
    // for which the decoder's memory grows, so that it reads far ahead from then on
    encoder.encodedWrite(text.encode('file'), packedAt(0, data));
    for (let i = 0; i < count; i += 1) {
      encoder.encodedWrite(text.encode('file'), packedAt(i * EXTENT, data.subarray(0, size)));
    }
    encoder.end();
    encoder.flush();
    const stream = Buffer.concat(parts);
    const { source, close } = fed(stream);
    let isAsked = false;
    const ahead: ByteSource['ahead'] = (used, commands, rest) => {
      const pieces = source.ahead(used, commands, rest);
      // it is there the next time that it is asked for, whatever has been read until then
      if (!isAsked && used > 8 * MIB) Atomics.wait(clock, 0, 0, 2_000);
      isAsked ||= used > 8 * MIB;
      return pieces;
    };
    const seen = decoded({ read: (...args) => source.read(...args), ahead });
    expect(seen, `${size}`).toEqual(decoded(bytesSource(stream)));
    close();
  }
}, 60_000);

test('a damaged one ends as when it is read at once, at the same place', () => {
  const [large, rest] = [40 * MIB, 2 * MIB];
  const whole = makeStream(3, large, rest);
  for (let seed = 0; seed < 12; seed += 1) {
    const random = new Random(seed);
    // what the thread reads, mostly
    const at = random.between(seed < 4 ? large / 2 : large, whole.length);
    if (seed % 3 === 0) {
      sameAsAtOnce(whole.subarray(0, at), `${seed}: ends at ${at}`);
    } else {
      const stream = Buffer.from(whole);
      if (seed % 3 === 1) stream[at]! ^= 1 << random.between(0, 8);
      else stream.set(random.bytes(20), Math.min(at, stream.length - 20));
      sameAsAtOnce(stream, `${seed}: spoilt at ${at}`);
    }
  }
}, 120_000);

test('a pipe that gives a little at a time, and nothing for a while', async () => {
  const stream = makeStream(4, 24 * MIB, MIB);
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'stream');
  writeFileSync(path, stream);
  const { read, write } = makePipe();
  const parts = `cat "$0" | { head -c 9000000; sleep 0.5; head -c 9000001; sleep 0.5; cat; }`;
  const child = spawn('sh', ['-c', parts, path], { stdio: ['ignore', write, 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  closeSync(write);
  const input = new InputThread(read);
  const seen = decoded(input);
  input.end();
  closeSync(read);
  expect(seen.calls).toEqual(decoded(bytesSource(stream)).calls);
  await ended;
}, 60_000);

test('the command ends when it is done with a stream, though whoever sends it stays', async () => {
  const stream = makeStream(5, 40 * MIB, 0);
  stream[36 * MIB]! ^= 1;
  const child = spawn(dendro, ['receive', '--dump'], { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.on('error', () => undefined);
  // not ended: the pipe stays open
  child.stdin.write(stream);
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const status = await new Promise((resolve) => child.once('exit', resolve));
  expect(status).toBe(1);
  expect(said).toContain('stream-checksum');
}, 60_000);
