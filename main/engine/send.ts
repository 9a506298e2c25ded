import { conflict, usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { excludesAt, identityOf } from './send-identity.ts';
import type { CloneSource } from './stream/cloner.ts';
import type { Bytes, CommandSink } from './stream/command-sink.ts';
import { CountingSink, type LengthSink } from './stream/counting.ts';
import { DataSource } from './stream/data-source.ts';
import { activePatterns } from './stream/exclude.ts';
import { Outgoing, type OutgoingHooks } from './stream/outgoing.ts';
import type { Protocol } from './stream/protocol.ts';
import type { SentTree } from './stream/visible-names.ts';
import { SnapshotSender, type SendOmissions } from './stream/snapshot-sender.ts';
import { withPath } from './stream/with-path.ts';
import { forPeople } from './tree/paths.ts';
import type { Subvolume } from './tree/subvolume.ts';
import { treeGone, type Volume } from './volume/index.ts';

export interface SendRequest {
  readonly volume: Volume;
  /** Read-only, like the parent and the clone sources. All on the same volume. */
  readonly snapshot: Subvolume;
  /** What the receiver has: the stream turns it into the snapshot. */
  readonly parent?: Subvolume | undefined;
  /** Snapshots that the receiver has, too: their data is cloned. The parent is one anyway. */
  readonly cloneSources?: readonly Subvolume[];
  readonly protocol?: Protocol;
  /** Announce file data, without it. */
  readonly noData?: boolean;
  /** Compressed extents as they are on disk; needs protocol 2. */
  readonly compressedData?: boolean;
  /** The name of the subvolume at the receiver; the snapshot's own by default. */
  readonly name?: Bytes;
  /** Paths to leave out, by patterns of gitignore(5) relative to the top. */
  readonly excludes?: readonly string[];
  /** Those that the parent or a clone source was sent with; by default the same. */
  readonly excludesOf?: (sent: Subvolume) => readonly string[];
  /** Leaves out the commands before this one, but for the first; their data is not read. */
  readonly resumeFrom?: number;
}

export interface SendSummary {
  /** Commands of the whole stream, those left out by a resume included. */
  readonly commands: number;
  /** Those that something was sent of: all but folders, each once, however many names it has. */
  readonly files: number;
  /** Of these: left out by a resume. */
  readonly filesPassed: number;
  readonly dataBytes: number;
  /** Bytes of files without checksums: nothing proves that they are right. */
  readonly unverifiedBytes: number;
  readonly omissions: SendOmissions;
}

export interface SendPlan {
  readonly commands: number;
  /** Of the stream, with its header: what an encoder will write. */
  readonly streamBytes: number;
  /** File data in the stream. */
  readonly dataBytes: number;
  /** Bytes that the receiver clones from what it has. */
  readonly clonedBytes: number;
  /** Inodes that are made. */
  readonly made: number;
  readonly omissions: SendOmissions;
}

/**
 * Sends the difference between two snapshots, or one whole, as commands. The same request
 * always gives the same commands.
 * @throws Conflict `not-read-only`, `snapshot-without-name`, `snapshot-changed`, `resume-behind-end`; Usage; Corrupt and Io of the volume; what the sink throws.
 */
export function send(
  request: SendRequest,
  sink: CommandSink & Partial<LengthSink>,
  hooks: OutgoingHooks = {},
): SendSummary {
  const { resumeFrom = 0, excludes = [] } = request;
  check(request);
  const out = new Outgoing(sink, hooks, resumeFrom);
  const data = new DataSource(request.volume, request.snapshot.root);
  try {
    if (resumeFrom > 0) sink.resume?.(resumeFrom);
    begin(request, out);
    const sender = new SnapshotSender({
      source: request.volume,
      snapshot: request.snapshot,
      fresh: { root: request.snapshot.root, excludes: activePatterns(excludes) },
      old: request.parent && sentTree(request, request.parent),
      out,
      data,
      self: identityOf(request.snapshot, excludes),
      cloneSources: cloneSourcesOf(request),
      options: {
        protocol: request.protocol ?? 1,
        noData: request.noData ?? false,
        compressedData: request.compressedData ?? false,
        sectorSize: request.volume.sectorSize,
      },
    });
    try {
      sender.run();
    } catch (error) {
      throw withPath(error, request.snapshot);
    }
    checkUnchanged(request, data.unverifiedBytes > 0);
    out.end();
    if (resumeFrom > out.commands) throw behindTheEnd(resumeFrom, out.commands);
    return {
      commands: out.commands,
      files: out.files,
      filesPassed: out.filesPassed,
      dataBytes: out.dataBytes,
      unverifiedBytes: data.unverifiedBytes,
      omissions: sender.omissions,
    };
  } finally {
    data.close();
  }
}

/** Exact figures of the stream that `send` would give, without reading file data. */
export function planSend(request: SendRequest, hooks: OutgoingHooks = {}): SendPlan {
  const sink = new CountingSink(request.protocol ?? 1);
  const { omissions } = send({ ...request, resumeFrom: 0 }, sink, hooks);
  const { commands, bytes, dataBytes, clonedBytes, made } = sink;
  return { commands, streamBytes: bytes, dataBytes, clonedBytes, made, omissions };
}

function begin(request: SendRequest, out: Outgoing): void {
  const { snapshot, parent } = request;
  const name = nameOf(request);
  const self = identityOf(snapshot, request.excludes);
  if (parent === undefined) return out.subvol(name, self.uuid, self.ctransid);
  const from = identityOf(parent, excludesAt(request, parent));
  out.snapshot(name, self.uuid, self.ctransid, from.uuid, from.ctransid);
}

function nameOf({ name, snapshot }: SendRequest): Bytes {
  return name ?? lastName(snapshot.info.path);
}

/** The parent is the first. The receiver cannot have the very snapshot that is sent. */
function cloneSourcesOf(request: SendRequest): CloneSource[] {
  const { snapshot, parent, cloneSources = [] } = request;
  const others = cloneSources.filter(({ id }) => id !== snapshot.id);
  const all = parent === undefined ? others : [parent, ...others];
  const distinct = all.filter(({ id }, i) => all.findIndex((other) => other.id === id) === i);
  return distinct.map((sent) => ({
    ...sentTree(request, sent),
    identity: identityOf(sent, excludesAt(request, sent)),
  }));
}

function sentTree(request: SendRequest, sent: Subvolume): SentTree {
  return { root: sent.root, excludes: activePatterns(excludesAt(request, sent)) };
}

function check(request: SendRequest): void {
  const { snapshot, parent, cloneSources = [] } = request;
  if (request.compressedData === true && (request.protocol ?? 1) < 2) {
    throw usage('compressed-data-needs-protocol-2', 'Protocol 1 cannot carry compressed data.', {
      hint: 'Ask for protocol 2.',
    });
  }
  if (nameOf(request).length === 0) {
    throw conflict(
      'snapshot-without-name',
      'The top level of a filesystem has no name to be received by.',
      { hint: 'Send a read-only snapshot of it (btrfs subvolume snapshot -r).' },
    );
  }
  for (const { info } of [snapshot, ...(parent === undefined ? [] : [parent]), ...cloneSources]) {
    if (info.isReadOnly) continue;
    const path = Buffer.from(info.path).toString();
    throw conflict('not-read-only', say`The subvolume ${{ path }} is not read-only.`, {
      hint: 'Send a read-only snapshot of it (btrfs subvolume snapshot -r).',
      place: { path },
    });
  }
}

/**
 * The kernel lets nobody make a snapshot writable, or delete it, while it sends it; it does not
 * know of us. What was changed may have been read in part, and where something was deleted others
 * may write, which only checksums betray.
 */
function checkUnchanged(request: SendRequest, hasUnverified: boolean): void {
  const { snapshot, parent, cloneSources = [] } = request;
  if (hasUnverified && snapshot.infoNow() === undefined) throw treeGone(snapshot.id);
  for (const subvolume of [snapshot, ...(parent === undefined ? [] : [parent]), ...cloneSources]) {
    const { ctransid, path } = subvolume.info;
    if ((subvolume.infoNow()?.ctransid ?? ctransid) === ctransid) continue;
    throw conflict(
      'snapshot-changed',
      say`The snapshot ${{ path: forPeople(path) }} was made writable and changed while it was read.`,
      {
        hint: 'Make a new snapshot and send that; leave snapshots read-only.',
        place: { path: forPeople(path) },
      },
    );
  }
}

function behindTheEnd(resumeFrom: number, commands: number): Error {
  return conflict(
    'resume-behind-end',
    say`There is no command ${{ resumeFrom }}: the stream has ${{ commands }}.`,
    { hint: 'Send what was sent at first: the same snapshot, parent and options.' },
  );
}

function lastName(path: Bytes): Bytes {
  return path.subarray(path.lastIndexOf(0x2f) + 1);
}
