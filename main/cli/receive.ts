import { closeSync, openSync } from 'node:fs';
import { corrupt, ioError, usage, type DendroError } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import type { ReceiveHooks } from '../engine/receive.ts';
import { assertBtrfs } from '../engine/sink/assert-target.ts';
import { decodeStream, type DecodeOptions } from '../engine/stream/decode.ts';
import type { ByteSource } from '../engine/stream/decode-source.ts';
import { DumpSink } from '../engine/stream/dump.ts';
import { widenPipe } from '../linux/pipes.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, type Options } from './options.ts';
import { InputThread } from './stream-threads/input-thread.ts';
import { sayTo } from '../linux/stderr.ts';
import { writeAll } from '../linux/write-all.ts';

const ELSEWHERE = 'Name a folder on a btrfs, or receive plain files there with --plain.';
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;

const options = {
  q: { type: 'boolean', short: 'q', help: 'say nothing but errors' },
  quiet: { type: 'boolean', help: 'the same' },
  v: {
    type: 'boolean',
    short: 'v',
    multiple: true,
    help: 'tell each write and clone; twice: each command',
  },
  verbose: { type: 'boolean', multiple: true, help: 'the same' },
  f: { type: 'string', short: 'f', value: 'FILE', help: 'read the stream from FILE' },
  e: {
    type: 'boolean',
    short: 'e',
    help: 'stop at the end mark of the first stream; the rest stays in the pipe',
  },
  C: { type: 'boolean', short: 'C', help: 'confine to MOUNT; Dendro always does' },
  chroot: { type: 'boolean', help: 'the same' },
  E: { type: 'string', short: 'E', value: 'N', help: 'stop after N failed commands; 0: never' },
  'max-errors': { type: 'string', value: 'N', help: 'the same' },
  m: { type: 'string', short: 'm', value: 'ROOT', help: 'where MOUNT is mounted; not needed here' },
  'end-optional': {
    type: 'boolean',
    help: 'take a stream that ends without its end mark as whole (not in btrfs-progs)',
  },
  'force-decompress': { type: 'boolean', help: 'store compressed data decompressed' },
  'parent-by-uuid': {
    type: 'boolean',
    help: 'take a parent that the sender received from elsewhere by its UUID alone, as btrfs-progs does',
    without: ['dump'],
  },
  plain: {
    type: 'boolean',
    help: 'MOUNT is a folder on any filesystem: plain files (not in btrfs-progs)',
    without: ['dump', 'parent-by-uuid'],
  },
  privileged: {
    type: 'boolean',
    help: 'with --plain: make device nodes, set-id bits and capabilities, too',
    needs: ['plain'],
  },
  owner: {
    type: 'string',
    value: 'UID:GID',
    help: 'with --plain: whom everything belongs to (default: as sent)',
    needs: ['plain'],
  },
  'map-user': {
    type: 'string',
    value: 'FROM:TO',
    multiple: true,
    help: 'with --plain: what the user FROM has there belongs to TO here (numbers; TO may be a name)',
    needs: ['plain'],
  },
  'map-group': {
    type: 'string',
    value: 'FROM:TO',
    multiple: true,
    help: 'with --plain: the same for groups',
    needs: ['plain'],
  },
  wire: {
    type: 'boolean',
    help: 'what dendro send --to starts at the other end; needs no MOUNT (not in btrfs-progs)',
    without: [
      ...['f', 'e', 'dump', 'plain', 'E', 'max-errors', 'end-optional', 'force-decompress'],
      'parent-by-uuid',
    ],
  },
  dump: { type: 'boolean', help: 'print the commands of the stream, a line each; needs no MOUNT' },
} as const;
type ReceiveOptions = Options<typeof options>;
type Decoding = Pick<DecodeOptions, 'stopAtEnd' | 'isFrugal' | 'maxErrors' | 'endOptional'>;

export const command = defineCommand({
  usage: ['receive [OPTIONS] MOUNT', 'receive --dump [-f FILE]'],
  summary: 'makes snapshots from a send stream; takes the options of btrfs receive',
  details:
    'Received snapshots are placed into MOUNT, a folder on a mounted btrfs, and are read-only.\n' +
    'Until one is complete it lies under another name in a private folder; an interrupted\n' +
    'receive goes on when the same stream comes again. With --plain MOUNT is any folder: NAME\n' +
    'and NAME.dendro.jsonl beside it, which keeps what the folder cannot; what that is is said.\n' +
    'A FILE that cannot be opened exits with 1 (btrfs-progs 6.2 exits with 0).',
  options,
  arguments: { least: 0, most: 1 },
  async run({ options: given, positionals }) {
    const target = positionals[0];
    if (given.wire === true) return serve(positionals.length);
    if (given.dump === true && target !== undefined) throw wrongCount(0, 1);
    if (given.dump !== true && target === undefined) throw wrongCount(1, 0);
    const decoding = decodingOf(given);
    const fd = given.f === undefined ? STDIN : opened(given.f);
    widenPipe(fd);
    const input = new InputThread(fd);
    try {
      const source = notEmpty(input);
      if (target !== undefined) return await receiveInto(target, source, decoding, given);
      dump(source, decoding);
      return EXIT.ok;
    } finally {
      input.end();
      if (fd !== STDIN) closeSync(fd);
    }
  },
});

async function serve(given: number): Promise<number> {
  if (given > 0) throw wrongCount(0, given);
  const { serveWire } = await import('../engine/wire/index.ts');
  return serveWire(STDIN, STDOUT) ? EXIT.ok : EXIT.no;
}

function dump(source: ByteSource, decoding: DecodeOptions): void {
  const sink = new DumpSink((bytes) => writeAll(STDOUT, bytes));
  try {
    // btrfs-progs, too, prints the first of several streams only.
    decodeStream(source, sink, { ...decoding, stopAtEnd: true });
  } finally {
    sink.flush();
  }
}

/** @returns `no` as btrfs-progs, when commands failed and were gone on after: it is not what was sent */
async function receiveInto(
  target: string,
  source: ByteSource,
  decoding: Decoding,
  given: ReceiveOptions,
): Promise<number> {
  const isQuiet = given.q === true || given.quiet === true;
  const say = (fd: number, text: string): void => {
    if (!isQuiet) sayTo(fd, `${text}\n`);
  };
  const tell = (text: string): void => say(STDERR, text);
  // btrfs-progs 6.2 prints the one on stderr and the other on stdout: scripts know both.
  const onSubvolume = (name: Uint8Array, kind: 'subvol' | 'snapshot'): void =>
    say(kind === 'subvol' ? STDERR : STDOUT, `At ${kind} ${printable(textFromBytes(name))}`);
  const level = isQuiet ? 0 : [...(given.v ?? []), ...(given.verbose ?? [])].length;
  const hooks: ReceiveHooks = {
    ...(await said(level, given.plain !== true, tell, onSubvolume)),
    onPassedOver: () => say(STDERR, 'there already, passed over'),
    onResume: (command) => {
      if (command > 0) say(STDERR, `going on at command ${command}`);
    },
    onError: ({ message }) => sayTo(STDERR, `ERROR: ${message}\n`),
  };
  if (given.plain) {
    const { receivePlain } = await import('./receive-plain.ts');
    const plain = {
      ...{ privileged: given.privileged === true, owner: given.owner, say: tell },
      ...{ users: given['map-user'] ?? [], groups: given['map-group'] ?? [] },
    };
    return exitAfter(receivePlain(target, source, decoding, hooks, plain));
  }
  assertBtrfs(bytesFromText(target), ELSEWHERE);
  const { receive } = await import('../engine/receive.ts');
  const forceDecompress = given['force-decompress'] === true;
  const parentByUuid = given['parent-by-uuid'] === true;
  const where = { source, target: bytesFromText(target) };
  const request = { ...decoding, ...where, forceDecompress, parentByUuid };
  const { snapshots, errors } = receive(request, hooks);
  for (const { losses, lossCount } of snapshots) {
    for (const { path, what } of losses) tell(`not kept: ${path}: ${what.text}`);
    if (lossCount > losses.length) tell(`and ${lossCount - losses.length} more`);
  }
  return exitAfter(errors);
}

function exitAfter(errors: number): number {
  return errors === 0 ? EXIT.ok : EXIT.no;
}

/** What is told of each command. */
async function said(
  level: number,
  isSealed: boolean,
  say: (text: string) => void,
  onSubvolume: (name: Uint8Array, kind: 'subvol' | 'snapshot') => void,
): Promise<ReceiveHooks> {
  if (level === 0) return { onSubvolume };
  const { VerboseSink } = await import('../engine/stream/verbose.ts');
  const options = { isSealed, say, onSubvolume };
  return { listener: new VerboseSink({ level: level > 1 ? 2 : 1, ...options }) };
}

function decodingOf(given: ReceiveOptions): Decoding {
  const text = given.E ?? given['max-errors'] ?? '1';
  if (!/^\d+$/.test(text)) throw usage('bad-option', say`${{ text }} is not a valid numeric value`);
  const endOptional = given['end-optional'] === true;
  const stopAtEnd = given.e === true;
  // The next of several receives reads on in the same pipe or file, as with btrfs-progs.
  return { stopAtEnd, isFrugal: stopAtEnd, maxErrors: Number(text), endOptional };
}

function opened(path: string): number {
  try {
    return openSync(Buffer.from(bytesFromText(path)), 'r');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw ioError('stream-unreadable', say`cannot open ${{ path: printable(path) }}: ${{ code }}`, {
      hint: 'See whether the file is there and can be read.',
      place: { path: printable(path) },
      cause,
    });
  }
}

/** A pipe whose writer failed before its first byte gives nothing: that is no stream. */
function notEmpty(source: ByteSource): ByteSource {
  let isFirst = true;
  return {
    read(target, offset, length) {
      const count = source.read(target, offset, length);
      if (count === 0 && isFirst) throw empty();
      isFirst = false;
      return count;
    },
    ahead: (bytes, commands, rest) => source.ahead?.(bytes, commands, rest),
  };
}

function empty(): DendroError {
  return corrupt('stream-empty', 'empty stream is not considered valid', {
    hint: 'See what the sending side says.',
  });
}

function wrongCount(wanted: number, given: number): DendroError {
  const message = say`dendro receive: exactly ${{ wanted }} argument expected, ${{ given }} given`;
  return usage('bad-arguments', message, { hint: 'See: dendro receive --help' });
}
