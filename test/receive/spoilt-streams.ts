import { closeSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import type { Random } from '../harness/random.ts';
import { composeStream } from './compose-stream.ts';
import { longStream } from './long-streams.ts';
import { mutateStream } from './mutate-stream.ts';
import { fullStream, streamOf, text, UUID } from './receive-harness.ts';

export interface Base {
  readonly name: string;
  readonly stream: Buffer;
}

/**
 * Right streams that were spoilt, commands put together as no sender does, or several of both with much
 * data between.
 */
export type Making = 'spoilt' | 'composed' | 'long';

/** `made` says what it is, beside its seed. */
export function hostileStream(
  making: Making,
  random: Random,
  alien: Buffer,
): { stream: Buffer; made: string } {
  if (making === 'composed') return { stream: composeStream(random, alien), made: making };
  if (making === 'long') {
    const bases = baseStreams().slice(1);
    const streams = bases.map(({ stream }) => stream);
    return { stream: longStream(streams, random, alien), made: making };
  }
  const base = random.pick(baseStreams().slice(1));
  const isRaw = random.between(0, 3) === 0;
  const made = `${base.name}, ${isRaw ? 'raw' : 'right checksums'}`;
  return { stream: mutateStream(base.stream, random, isRaw, alien), made };
}

/** Small streams with every command in them: a full one, and one that builds on it. */
export function baseStreams(): Base[] {
  const times = Buffer.alloc(48, 1);
  for (const at of [8, 20, 32, 44]) times.writeUInt32LE(5, at);
  const full = (protocol: 1 | 2 | 3) => (name: string) =>
    fullStream(
      name,
      (e) => {
        e.mkdir(text('o257-7-0'), 257);
        e.rename(text('o257-7-0'), text('dir'));
        e.mkfile(text('o258-7-0'), 258);
        e.rename(text('o258-7-0'), text('dir/file'));
        e.setXattr(text('dir/file'), text('user.name'), text('value'));
        e.write(text('dir/file'), 0, Buffer.alloc(9000, 'data'));
        e.chown(text('dir/file'), 5, 6);
        e.chmod(text('dir/file'), 0o644);
        e.utimes(text('dir/file'), times, protocol > 1);
        e.symlink(text('dir/link'), 259, text('file'));
        e.link(text('second'), text('dir/file'));
        e.mkfifo(text('fifo'), 260);
        e.mknod(text('node'), 261, 0o20600, 0x103);
        e.mksock(text('sock'), 262);
        e.mkfile(text('copy'), 263);
        e.clone(text('copy'), 0, 8192, UUID, 7, text('dir/file'), 0);
        e.truncate(text('copy'), 5000);
        if (protocol >= 2) {
          e.fallocate(text('copy'), 3, 0, 4096);
          e.fileattr(text('copy'), 0x10);
          e.encodedWrite(text('copy'), zlibExtent());
        }
        if (protocol >= 3) e.enableVerity(text('second'), 1, 4096, text('salt'), text(''));
        e.removeXattr(text('dir/file'), text('user.name'));
        e.unlink(text('second'));
        e.mkdir(text('empty'), 264);
        e.rmdir(text('empty'));
        e.utimes(text(''), times, protocol > 1);
      },
      protocol,
    );
  const next = streamOf((e) => {
    e.snapshot(text('new'), Buffer.alloc(16, 9), 8, UUID, 7);
    e.rename(text('dir'), text('moved'));
    e.clone(text('copy'), 8192, 4096, UUID, 7, text('dir/file'), 4096);
    e.write(text('moved/file'), 4096, Buffer.alloc(100, 'new'));
    e.unlink(text('fifo'));
    e.link(text('hard'), text('moved/file'));
    e.chmod(text('moved'), 0o700);
    e.end();
  });
  return [
    { name: 'base', stream: Buffer.from(full(1)('base')) },
    { name: 'version 1', stream: Buffer.from(full(1)('new')) },
    { name: 'version 2', stream: Buffer.from(full(2)('new')) },
    { name: 'version 3', stream: Buffer.from(full(3)('new')) },
    { name: 'increment', stream: Buffer.from(next) },
  ];
}

function zlibExtent() {
  const data = Buffer.from('789ccb48cdc9c95728cf2fca4901001a0b045d', 'hex');
  const lengths = { unencodedFileLength: 4096, unencodedLength: 4096, unencodedOffset: 0 };
  return { offset: 4096, ...lengths, compression: 1, encryption: 0, data };
}

/** How a receive ended. */
export interface Outcome {
  readonly kind: string;
  readonly code: string;
}

/** Of an error that says neither what is wrong nor what to do. */
export const TELLS_NOTHING = ['system-call-failed', 'io-error'];

/** What it threw in words; kind 'Bug' for all that is not a typed error. */
export function outcomeOf(receive: () => void): Outcome {
  try {
    receive();
    return { kind: 'received', code: 'received' };
  } catch (error) {
    const { kind, code, stack } = error as { kind?: string; code?: string; stack?: string };
    if (kind === undefined || kind === 'Bug') return { kind: 'Bug', code: stack ?? String(error) };
    return { kind, code: code ?? '' };
  }
}

/** A file below one of these that begins with what only canaries hold. */
export function holderOf(secrets: readonly string[], paths: readonly Buffer[]): string | undefined {
  const found = paths.flatMap(filesBelow).find((file) => {
    const beginning = beginningOf(file);
    return secrets.some((secret) => beginning.includes(secret));
  });
  return found?.toString('latin1');
}

function filesBelow(path: Buffer): Buffer[] {
  const status = lstatSync(path);
  if (status.isFile()) return [path];
  if (!status.isDirectory()) return [];
  return readdirSync(path, 'buffer').flatMap((name) => filesBelow(join(path, name)));
}

export function join(dir: Buffer, name: Buffer): Buffer {
  return Buffer.concat([dir, Buffer.from('/'), name]);
}

/** As much as a clone of a canary brings; a file may claim any size. */
function beginningOf(file: Buffer): Buffer {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(16_384);
    return bytes.subarray(0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}
