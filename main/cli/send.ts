import { closeSync } from 'node:fs';
import { printable } from '../../shared/model/bytes-text.ts';
import { send } from '../engine/send.ts';
import { StreamEncoder } from '../engine/stream/encode.ts';
import { OutputThread } from './stream-threads/output-thread.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand } from './options.ts';
import { besides, snapshotAt, type Snapshot } from './place-subvolume.ts';
import {
  assertOverSsh,
  HIGHEST_PROTOCOL,
  options,
  outputOf,
  protocolOf,
  STDOUT,
  tooMany,
  type SendOptions,
} from './send-options.ts';
import { plannedSends, type PlannedSend } from './send-requests.ts';
import type { TemporarySnapshot } from './temporary-snapshot.ts';
import { stderr } from '../linux/stderr.ts';

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
    assertOverSsh(given);
    if (given.plain) return sendPlain(positionals, given);
    const parent = (given.p ?? []).map((text) => snapshotAt(text, 'parent '));
    const clones = (given.c ?? []).map((text) => snapshotAt(text, 'cloned '));
    const fd = given.to === undefined ? outputOf(given) : STDOUT;
    const temporary = given.snapshot ? await temporarySnapshots(positionals) : [];
    try {
      const named = given.snapshot ? temporary : positionals.map((text) => snapshotAt(text));
      const snapshots = besides(named[0]!, named);
      const known = {
        parent: besides(named[0]!, parent)[0],
        clones: besides(named[0]!, clones),
      };
      const { say, sayMore } = voices(given);
      const sends = plannedSends(snapshots, known, given, say, sayMore);
      if (given.to === undefined) sendAll(snapshots, sends, protocol, fd, given);
      else await sendAllTo(given.to, sends, given);
    } finally {
      for (const snapshot of temporary) snapshot.remove();
      if (fd !== STDOUT) closeSync(fd);
    }
    return EXIT.ok;
  },
});

interface Voices {
  /** On stderr, but for `-q`. */
  readonly say: (text: string) => unknown;
  /** With `-v` only. */
  readonly sayMore: (text: string) => unknown;
}

function voices(given: SendOptions): Voices {
  const isQuiet = given.q === true || given.quiet === true;
  const isVerbose = (given.v ?? given.verbose ?? []).length > 0 && !isQuiet;
  const say = (text: string): unknown => !isQuiet && stderr.write(`${text}\n`);
  return { say, sayMore: (text) => isVerbose && say(text) };
}

/** With `-e` one header, and an end mark at the end only. */
function sendAll(
  snapshots: readonly Snapshot[],
  sends: readonly PlannedSend[],
  protocol: 1 | 2,
  fd: number,
  given: SendOptions,
): void {
  const { say, sayMore } = voices(given);
  sayMore(`Protocol version requested: ${protocol} (supported ${HIGHEST_PROTOCOL})`);
  writing(fd, (output) => {
    for (const [i, { text }] of snapshots.entries()) {
      say(`At subvol ${printable(text)}`);
      const isLast = i === snapshots.length - 1;
      const joins = given.e === true;
      const encoder = new StreamEncoder(output.drain(), { protocol, header: !(joins && i > 0) });
      const sink = joins && !isLast ? withoutEnd(encoder) : encoder;
      const { omissions } = send({ ...sends[i]!.request, protocol }, sink);
      output.settle();
      sends[i]!.done();
      if (omissions.nestedSubvolumes.size > 0) {
        sayMore(
          `${omissions.nestedSubvolumes.size} nested subvolumes are not part of the snapshot`,
        );
      }
    }
  });
}

/** What went into the output is written when this returns, also where the work fails. */
function writing(fd: number, work: (output: OutputThread) => void): void {
  const output = new OutputThread(fd);
  try {
    work(output);
  } finally {
    output.end();
  }
}

async function sendAllTo(
  target: string,
  sends: readonly PlannedSend[],
  given: SendOptions,
): Promise<void> {
  const { sendTo } = await import('./send-to.ts');
  const isAsked = given.proto !== undefined || given['compressed-data'] === true;
  const version = isAsked ? { compressedData: false, protocol: protocolOf(given) } : {};
  for (const { request, done } of sends) {
    sendTo(target, { ...version, ...request }, given);
    done();
  }
}

async function temporarySnapshots(texts: readonly string[]): Promise<TemporarySnapshot[]> {
  const { temporarySnapshot } = await import('./temporary-snapshot.ts');
  return texts.map(temporarySnapshot);
}

/** A folder and its sidecar, as the full stream of the snapshot that it was. */
async function sendPlain(folders: readonly string[], given: SendOptions): Promise<number> {
  const { sendFolder } = await import('../engine/sink/folder-restore.ts');
  const { say } = voices(given);
  const fd = outputOf(given);
  try {
    writing(fd, (output) => {
      for (const folder of folders) {
        say(`At folder ${printable(folder)}`);
        sendFolder(folder, (hasFlags) => plainEncoder(output, hasFlags, given, say));
      }
    });
  } finally {
    if (fd !== STDOUT) closeSync(fd);
  }
  return EXIT.ok;
}

/** Of version 1, which every receiver knows, unless there is what it has no command for. */
function plainEncoder(
  output: OutputThread,
  hasFlags: boolean,
  given: SendOptions,
  say: Voices['say'],
): StreamEncoder {
  const isAsked = given.proto !== undefined || given['compressed-data'] === true;
  const protocol = isAsked || !hasFlags ? protocolOf(given) : 2;
  const encoder = new StreamEncoder(output.drain(), { protocol });
  if (protocol > 1 || !hasFlags) return encoder;
  say('inode flags are left out: streams of version 1 have none');
  encoder.fileattr = () => undefined;
  return encoder;
}

/** What follows is part of the same stream; what was written goes out all the same. */
function withoutEnd(encoder: StreamEncoder): StreamEncoder {
  encoder.end = () => encoder.flush();
  return encoder;
}
