import { closeSync } from 'node:fs';
import { conflict } from '../../shared/errors.ts';
import { printable } from '../../shared/model/bytes-text.ts';
import { send, type SendRequest } from '../engine/send.ts';
import { StreamEncoder } from '../engine/stream/encode.ts';
import type { Subvolume } from '../engine/tree/index.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand } from './options.ts';
import { snapshotAt, type Snapshot } from './place-subvolume.ts';
import {
  excludesOf,
  HIGHEST_PROTOCOL,
  options,
  outputOf,
  protocolOf,
  resumeOf,
  STDOUT,
  tooMany,
  type SendOptions,
} from './send-options.ts';
import type { TemporarySnapshot } from './temporary-snapshot.ts';
import { writeAll } from './write-all.ts';

export const command = defineCommand({
  usage: ['send [OPTIONS] SNAPSHOT ...'],
  summary: 'writes snapshots as a send stream; takes the options of btrfs send',
  details:
    'SNAPSHOT is read-only, but for --snapshot: a path on a mounted btrfs, or IMAGE-OR-DEVICE:/path for one that is\n' +
    'not mounted. The stream goes to stdout, for btrfs receive or dendro receive.',
  options,
  arguments: { least: 1, most: 10_000 },
  async run({ options: given, positionals }) {
    const protocol = protocolOf(given);
    if ((given.p?.length ?? 0) > 1) throw tooMany('more than one parent', '-p');
    if (given.plain) return sendPlain(positionals, protocol, given);
    const parent = given.p?.[0] === undefined ? undefined : snapshotAt(given.p[0], 'parent ');
    const clones = (given.c ?? []).map((text) => snapshotAt(text, 'cloned '));
    const fd = given.to === undefined ? outputOf(given) : STDOUT;
    const temporary = given.snapshot ? await temporarySnapshots(positionals) : [];
    try {
      const snapshots = given.snapshot ? temporary : positionals.map((text) => snapshotAt(text));
      assertOneVolume([...snapshots, ...clones, ...(parent ? [parent] : [])]);
      if (given.to === undefined) sendAll(snapshots, parent, clones, protocol, fd, given);
      else await sendAllTo(given.to, requestsOf(snapshots, parent, clones, given), given);
    } finally {
      for (const snapshot of temporary) snapshot.remove();
      if (fd !== STDOUT) closeSync(fd);
    }
    return EXIT.ok;
  },
});

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
  const requests = requestsOf(snapshots, parent, clones, given);
  for (const [i, { text }] of snapshots.entries()) {
    say(`At subvol ${printable(text)}`);
    const isLast = i === snapshots.length - 1;
    const joins = given.e === true;
    const encoder = new StreamEncoder((bytes) => writeAll(fd, bytes), {
      protocol,
      header: !(joins && i > 0),
    });
    const sink = joins && !isLast ? withoutEnd(encoder) : encoder;
    const { omissions } = send({ ...requests[i]!, protocol }, sink);
    if (isVerbose && omissions.nestedSubvolumes > 0) {
      say(`${omissions.nestedSubvolumes} nested subvolumes are not part of the snapshot`);
    }
  }
}

/** What to send of each; those before it are clone sources. */
function requestsOf(
  snapshots: readonly Snapshot[],
  parent: Snapshot | undefined,
  clones: readonly Snapshot[],
  given: SendOptions,
): SendRequest[] {
  return snapshots.map(({ subvolume, name }, i) => {
    const known = [...clones, ...snapshots.slice(0, i)];
    const base = parent ?? (clones.length > 0 ? nearestRelative(subvolume, known) : undefined);
    return {
      volume: subvolume.volume,
      snapshot: subvolume,
      ...(name && { name }),
      ...(base && { parent: base.subvolume }),
      cloneSources: known.map((one) => one.subvolume),
      ...(given['no-data'] === true && { noData: true }),
      ...(given['compressed-data'] === true && { compressedData: true }),
      excludes: excludesOf(given),
      ...resumeOf(given, snapshots.length),
    };
  });
}

async function sendAllTo(
  target: string,
  requests: readonly SendRequest[],
  given: SendOptions,
): Promise<void> {
  const { sendTo } = await import('./send-to.ts');
  const isAsked = given.proto !== undefined || given['compressed-data'] === true;
  const version = isAsked ? { compressedData: false, protocol: protocolOf(given) } : {};
  for (const request of requests) sendTo(target, { ...version, ...request }, given);
}

async function temporarySnapshots(texts: readonly string[]): Promise<TemporarySnapshot[]> {
  const { temporarySnapshot } = await import('./temporary-snapshot.ts');
  return texts.map(temporarySnapshot);
}

/** A folder and its sidecar, as the full stream of the snapshot that it was. */
async function sendPlain(
  folders: readonly string[],
  protocol: 1 | 2,
  given: SendOptions,
): Promise<number> {
  const { sendFolder } = await import('../engine/sink/folder-restore.ts');
  const fd = outputOf(given);
  try {
    for (const folder of folders) {
      if (!given.q && !given.quiet) process.stderr.write(`At folder ${printable(folder)}\n`);
      sendFolder(folder, new StreamEncoder((bytes) => writeAll(fd, bytes), { protocol }));
    }
  } finally {
    if (fd !== STDOUT) closeSync(fd);
  }
  return EXIT.ok;
}

/** @throws Conflict 'different-volumes' */
function assertOneVolume([first, ...others]: readonly Snapshot[]): void {
  const { fsid } = first!.subvolume.volume;
  const stranger = others.find(
    ({ subvolume }) => Buffer.compare(subvolume.volume.fsid, fsid) !== 0,
  );
  if (!stranger) return;
  throw conflict('different-volumes', `${printable(stranger.text)} is on another filesystem`, {
    hint: 'Parents and clone sources are snapshots beside the one that is sent.',
  });
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
