import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { conflict, ioError, usage } from '../../shared/errors.ts';
import { bytesFromText, printable } from '../../shared/model/bytes-text.ts';
import { volumeFor } from '../engine/open-volumes.ts';
import { send, type SendRequest } from '../engine/send.ts';
import { StreamEncoder } from '../engine/stream/encode.ts';
import { lookup, openSubvolume, type Subvolume } from '../engine/tree/index.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, type Options } from './options.ts';
import { placeOf, type Place } from './place.ts';
import { writeAll } from './write-all.ts';

const STDOUT = 1;
/** Versions that this encoder writes; 0 on the command line asks for the highest. */
const HIGHEST_PROTOCOL = 2;

const options = {
  e: {
    type: 'boolean',
    short: 'e',
    help: 'several snapshots: one stream, without end marks between',
  },
  p: {
    type: 'string',
    short: 'p',
    value: 'PARENT',
    multiple: true,
    help: 'send what changed since PARENT',
  },
  c: {
    type: 'string',
    short: 'c',
    value: 'SNAPSHOT',
    multiple: true,
    help: 'the receiver has this one too: clone from it',
  },
  f: {
    type: 'string',
    short: 'f',
    value: 'FILE',
    multiple: true,
    help: 'write the stream to FILE',
  },
  'no-data': { type: 'boolean', help: 'announce file data without sending it' },
  proto: { type: 'string', value: 'N', help: 'stream version 1 (default) or 2; 0: the highest' },
  'compressed-data': { type: 'boolean', help: 'send compressed data as it is on disk (version 2)' },
  v: { type: 'boolean', short: 'v', multiple: true, help: 'say more' },
  verbose: { type: 'boolean', multiple: true, help: 'the same' },
  q: { type: 'boolean', short: 'q', help: 'say nothing but errors' },
  quiet: { type: 'boolean', help: 'the same' },
} as const;
type SendOptions = Options<typeof options>;

export const command = defineCommand({
  usage: ['send [OPTIONS] SNAPSHOT ...'],
  summary: 'writes snapshots as a send stream; takes the options of btrfs send',
  details:
    'SNAPSHOT is read-only: a path on a mounted btrfs, or IMAGE-OR-DEVICE:/path for one that is\n' +
    'not mounted. The stream goes to stdout, for btrfs receive or dendro receive.',
  options,
  arguments: { least: 1, most: 10_000 },
  run({ options: given, positionals }) {
    const protocol = protocolOf(given);
    if ((given.p?.length ?? 0) > 1) throw tooMany('more than one parent', '-p');
    const snapshots = positionals.map((text) => snapshotAt(text));
    const parent = given.p?.[0] === undefined ? undefined : snapshotAt(given.p[0], 'parent ');
    const clones = (given.c ?? []).map((text) => snapshotAt(text, 'cloned '));
    const fd = outputOf(given);
    try {
      sendAll(snapshots, parent, clones, protocol, fd, given);
    } finally {
      if (fd !== STDOUT) closeSync(fd);
    }
    return EXIT.ok;
  },
});

interface Snapshot {
  readonly text: string;
  readonly subvolume: Subvolume;
}

/**
 * The first snapshot against the parent, each one after it with those before it as clone
 * sources, as `btrfs send` does. With `-e` one header, and an end mark at the end only.
 */
function sendAll(
  snapshots: readonly Snapshot[],
  parent: Snapshot | undefined,
  clones: readonly Snapshot[],
  protocol: 1 | 2,
  fd: number,
  given: SendOptions,
): void {
  const isQuiet = given.q === true || given.quiet === true;
  const isVerbose = (given.v ?? given.verbose ?? []).length > 0 && !isQuiet;
  const say = (text: string): unknown => !isQuiet && process.stderr.write(`${text}\n`);
  if (isVerbose) say(`Protocol version requested: ${protocol} (supported ${HIGHEST_PROTOCOL})`);
  const known = [...clones];
  for (const [i, { text, subvolume }] of snapshots.entries()) {
    say(`At subvol ${printable(text)}`);
    const isLast = i === snapshots.length - 1;
    const joins = given.e === true;
    const encoder = new StreamEncoder((bytes) => writeAll(fd, bytes), {
      protocol,
      header: !(joins && i > 0),
    });
    const sink = joins && !isLast ? withoutEnd(encoder) : encoder;
    const base = parent ?? (clones.length > 0 ? nearestRelative(subvolume, known) : undefined);
    const request: SendRequest = {
      volume: subvolume.volume,
      snapshot: subvolume,
      ...(base && { parent: base.subvolume }),
      cloneSources: known.map((one) => one.subvolume),
      protocol,
      noData: given['no-data'] === true,
      compressedData: given['compressed-data'] === true,
    };
    const { omissions } = send(request, sink);
    if (isVerbose && omissions.nestedSubvolumes > 0) {
      say(`${omissions.nestedSubvolumes} nested subvolumes are not part of the snapshot`);
    }
    known.push({ text, subvolume });
  }
}

/**
 * With `-c` and no `-p` the parent is chosen among the clone sources, as `btrfs send` does: of
 * the same line of snapshots, the one nearest in time. None of that line: a full send.
 */
function nearestRelative(
  { info }: Subvolume,
  candidates: readonly Snapshot[],
): Snapshot | undefined {
  const hex = (uuid: Uint8Array): string => Buffer.from(uuid).toString('hex');
  const line = hex(info.parentUuid);
  const isRelative = ({ subvolume: { info: other } }: Snapshot): boolean =>
    /[^0]/.test(line) && (hex(other.parentUuid) === line || hex(other.uuid) === line);
  const distance = ({ subvolume }: Snapshot): number =>
    Math.abs(subvolume.info.ctransid - info.ctransid);
  return candidates.filter(isRelative).sort((a, b) => distance(a) - distance(b))[0];
}

/** What follows is part of the same stream; what was written goes out all the same. */
function withoutEnd(encoder: StreamEncoder): StreamEncoder {
  encoder.end = () => encoder.flush();
  return encoder;
}

function snapshotAt(text: string, role = ''): Snapshot {
  const place = placeOf(text);
  const subvolume = subvolumeAt(place);
  if (subvolume.info.isReadOnly) return { text, subvolume };
  const path = printable(place.mountedPath ?? text);
  throw conflict('not-read-only', `${role}subvolume ${path} is not read-only`, {
    hint: 'Make a read-only snapshot of it: btrfs subvolume snapshot -r',
    place: { path },
  });
}

function subvolumeAt({ text, volume, subvolumeId, path }: Place): Subvolume {
  const opened = volumeFor(volume);
  const found = lookup(openSubvolume(opened, subvolumeId), bytesFromText(path));
  if (found.inode === found.subvolume.rootInode) return found.subvolume;
  throw conflict('not-a-subvolume', `"${printable(text)}" is a folder or file in a subvolume.`, {
    hint: 'Name the subvolume itself; list them with: dendro snapshots',
    place: { path: printable(text) },
  });
}

function protocolOf(given: SendOptions): 1 | 2 {
  const text = given.proto ?? (given['compressed-data'] === true ? '2' : '1');
  if (!/^\d+$/.test(text)) throw usage('bad-option', `${text} is not a valid numeric value`);
  const protocol = Number(text) || HIGHEST_PROTOCOL;
  if (protocol !== 1 && protocol !== 2) {
    throw usage('protocol-unknown', `Stream version ${text} is not known here.`, {
      hint: 'Leave --proto out, or ask for 1 or 2.',
    });
  }
  if (given['compressed-data'] === true && protocol < 2) {
    throw usage(
      'bad-option',
      `--compressed-data requires protocol version >= 2 (requested ${protocol})`,
      { hint: 'Leave --proto out, or ask for 2.' },
    );
  }
  return protocol;
}

/** @throws Usage 'stdout-is-a-terminal'; Io 'output-failed' */
function outputOf(given: SendOptions): number {
  if ((given.f?.length ?? 0) > 1) throw tooMany('only one output file', '-f');
  const path = given.f?.[0];
  if (path === undefined) {
    if (!isatty(STDOUT)) return STDOUT;
    throw usage(
      'stdout-is-a-terminal',
      'not dumping send stream into a terminal, redirect it into a file',
      { hint: 'For example: dendro send SNAPSHOT | dendro receive FOLDER' },
    );
  }
  try {
    return openSync(Buffer.from(bytesFromText(path)), 'w', 0o600);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw ioError('output-failed', `cannot create '${printable(path)}': ${code}`, {
      hint: 'See whether the folder exists and can be written to.',
      place: { path: printable(path) },
      cause,
    });
  }
}

function tooMany(what: string, option: string): Error {
  return usage('bad-option', `you cannot have ${what} (${option})`);
}
