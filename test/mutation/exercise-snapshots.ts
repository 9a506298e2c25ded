import { createHash } from 'node:crypto';
import { conflict, corrupt } from '../../shared/errors.ts';
import { snapshotDifferences } from '../../main/engine/proof/snapshot-differences.ts';
import { send, type SendRequest } from '../../main/engine/send.ts';
import type { CommandSink } from '../../main/engine/stream/command-sink.ts';
import type { ByteSource } from '../../main/engine/stream/decode-source.ts';
import { decodeStream } from '../../main/engine/stream/decode.ts';
import { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { openSubvolume } from '../../main/engine/tree/index.ts';
import type { Volume } from '../../main/engine/volume/index.ts';

/** A mutated size may claim petabytes: the consumer, this test, decides how much it takes. */
const MAX_BYTES = 8 << 20;

/** Sends between the two snapshots of a subject, each as the hash of its stream, and compares them. */
export function exerciseSnapshots(
  volume: Volume,
  attempt: (name: string, work: () => string) => void,
): void {
  const [first, second] = ['snapshot', 'snapshot-2'].map((name) => Buffer.from(name)) as [
    Buffer,
    Buffer,
  ];
  const requests: Record<string, () => Omit<SendRequest, 'volume'>> = {
    full: () => ({ snapshot: openSubvolume(volume, second) }),
    increment: () => ({
      snapshot: openSubvolume(volume, second),
      parent: openSubvolume(volume, first),
    }),
    back: () => ({
      snapshot: openSubvolume(volume, first),
      parent: openSubvolume(volume, second),
      protocol: 2,
      compressedData: true,
    }),
  };
  for (const [name, request] of Object.entries(requests)) {
    attempt(`send ${name}`, () => streamOf({ volume, ...request() }));
  }
  attempt('differences', () => differencesOf(volume));
}

/** What differs between the two snapshots, as text. */
function differencesOf(volume: Volume): string {
  const [first, second] = ['snapshot', 'snapshot-2'].map((name) =>
    openSubvolume(volume, Buffer.from(name)),
  );
  const differences = snapshotDifferences(first!, second!, {
    check: () => undefined,
    onRead: () => undefined,
    onUnreadable: (path, reason) => {
      throw corrupt('unreadable', `${path}: ${reason}`);
    },
  });
  const rows = [...differences];
  differences.close();
  return JSON.stringify(rows);
}

/** What is sent must be a stream whose paths stay below its top, whatever the metadata says. */
function streamOf(request: SendRequest): string {
  const hash = createHash('sha1');
  const parts: Buffer[] = [];
  let bytes = 0;
  const encoder = new StreamEncoder(
    (part) => {
      bytes += part.length;
      if (bytes > MAX_BYTES) throw conflict('stream-too-long', 'The stream is longer than wanted.');
      hash.update(part);
      parts.push(Buffer.from(part));
    },
    { protocol: request.protocol ?? 1 },
  );
  send(request, encoder);
  encoder.flush();
  const stream = Buffer.concat(parts);
  proveStream(stream);
  return hash.digest('hex');
}

/** What was sent without an error is a stream. */
function proveStream(stream: Buffer): void {
  try {
    decodeStream(bytesOf(stream), confinedSink);
  } catch (error) {
    throw new Error(`what was sent is no stream: ${String(error)}`, { cause: error });
  }
}

function bytesOf(stream: Buffer): ByteSource {
  let at = 0;
  return {
    read: (target, offset, length) => {
      const count = stream.copy(target, offset, at, at + length);
      at += count;
      return count;
    },
  };
}

/** Which arguments of a command are paths; of all others it is the first alone. */
const PATHS: Readonly<Record<string, readonly number[]>> = {
  rename: [0, 1],
  link: [0, 1],
  clone: [0, 5],
  end: [],
};

const confinedSink = new Proxy({} as CommandSink, {
  get: (_, command: string) => {
    if (command === 'resume') return undefined;
    return (...args: unknown[]): void => {
      for (const index of PATHS[command] ?? [0]) checkPath(command, args[index] as Uint8Array);
    };
  },
});

function checkPath(command: string, path: Uint8Array): void {
  const isTop = path.length === 0;
  const parts = isTop ? [] : Buffer.from(path).toString('latin1').split('/');
  const isBad = parts.some((part) => ['', '.', '..'].includes(part) || part.includes('\0'));
  if (isBad) throw new Error(`${command} leads elsewhere: ${Buffer.from(path).toString('latin1')}`);
}
