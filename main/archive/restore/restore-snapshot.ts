import { bytesFromText, printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { DendroError } from '../../../shared/errors.ts';
import type { VerbContext } from '../../engine/context.ts';
import { cleanLeftovers, receive, resumePoint } from '../../engine/receive.ts';
import { goneError } from '../../engine/restore/source-gone.ts';
import { FolderSink } from '../../engine/sink/folder-sink.ts';
import { mayGoOn } from '../../engine/sink/may-go-on.ts';
import type { Loss } from '../../engine/sink/loss-report.ts';
import { identityKey, identityOf, type StreamIdentity } from '../../engine/sink/stream-identity.ts';
import { isOnBtrfs } from '../../linux/files.ts';
import { Presence } from '../../linux/presence.ts';
import { composeTree } from '../compose/compose.ts';
import { streamName } from '../format/stream-name.ts';
import { isDamage } from '../read/damage.ts';
import { openTree } from '../read/open-tree.ts';
import { pickPoint } from '../read/pick.ts';
import { openReader, type ArchiveReader, type PointRef } from '../read/reader.ts';
import { headOf } from '../read/stream-head.ts';
import { otherStream, provenSource, streamSource } from '../read/stream-source.ts';
import type { PointInput } from '../verbs/session.ts';
import { ChainFolder } from './chain-folder.ts';
import { DamagedFiles, type DamagedFile } from './damaged-files.ts';
import { putAside } from './put-aside.ts';
import { isReceivedAt, whatIsThere } from './received.ts';
import { pathBelow, placeOf, stillNeeded } from './still-needed.ts';
import type { Note } from '../../../shared/said.ts';

export interface RestoreSnapshotInput extends PointInput {
  /** An absolute path of a folder that exists. On btrfs a subvolume is made, else a plain folder. */
  readonly destination: string;
  /** On btrfs: keep the points below it in the chain that were made on the way. */
  readonly keepChain?: boolean;
  /** In a plain folder: make device nodes, set-id bits and capabilities, too. */
  readonly privileged?: boolean;
  /** A plain folder on btrfs as well. */
  readonly plain?: boolean;
}

export interface RestoreSnapshotSummary {
  readonly path: string;
  readonly kind: 'subvolume' | 'folder';
  /** Streams that were received, oldest first. */
  readonly received: readonly string[];
  /** Left out of a folder, for they are damaged in the archive; all others were restored. */
  readonly damaged: readonly DamagedFile[];
  readonly damagedCount: number;
  readonly losses: readonly Loss[];
  readonly lossCount: number;
  readonly notes: readonly Note[];
}

/**
 * Makes a whole point again: on btrfs by receiving its chain, from the newest link that is there
 * already, into a read-only subvolume, where an interrupted run stopped; on any other filesystem as
 * a plain folder with a sidecar for what that cannot keep.
 * @throws Io 'source-gone'
 */
export async function restoreArchiveSnapshot(
  input: RestoreSnapshotInput,
  context: VerbContext,
): Promise<RestoreSnapshotSummary> {
  const reader = await openReader(input.folder, input.secrets);
  const presence = new Presence(bytesFromText(input.folder));
  try {
    const ref = pickPoint(reader, input.point);
    await reader.unlock(reader.closureOf(ref));
    const isPlain = input.plain === true || !isOnBtrfs(bytesFromText(input.destination));
    return isPlain
      ? toFolder(reader, ref, input, context, presence)
      : toSubvolume(reader, ref, input, context, presence);
  } catch (error) {
    const isUntold = isDamage(error) && error.code !== 'source-gone' && presence.isGone();
    throw isUntold ? goneAnew(input.folder, error) : error;
  } finally {
    reader.close();
  }
}

function toSubvolume(
  reader: ArchiveReader,
  ref: PointRef,
  input: RestoreSnapshotInput,
  context: VerbContext,
  presence: Presence,
): RestoreSnapshotSummary {
  const { destination } = input;
  const isBegun = ChainFolder.pathIn(destination) !== undefined;
  // An earlier run may have been killed while it tidied up.
  const isWhole = isBegun && isReceivedAt(placeOf(destination, ref), ref.point);
  const needed = isWhole ? [ref] : stillNeeded(reader, ref, whatIsThere(destination));
  const isForOthers = input.keepChain !== true && (needed.length > 1 || isBegun);
  const chain = isForOthers ? ChainFolder.open(destination) : undefined;
  try {
    const summary = receiveAll(reader, needed, input, context, presence, chain);
    chain?.clear();
    return summary;
  } catch (error) {
    if (!mayGoOn(error)) chain?.clear();
    throw error;
  } finally {
    chain?.close();
  }
}

/** The points on the way into the folder for them, the last one into the destination. */
function receiveAll(
  reader: ArchiveReader,
  needed: readonly PointRef[],
  { destination }: RestoreSnapshotInput,
  context: VerbContext,
  presence: Presence,
  chain: ChainFolder | undefined,
): RestoreSnapshotSummary {
  const losses: Loss[] = [];
  let lossCount = 0;
  let path = destination;
  const names: string[] = [];
  const made = new Set<string>();
  for (const link of needed) {
    const isLast = link === needed.at(-1);
    const target = isLast ? destination : (chain?.path ?? destination);
    path = placeOf(target, link);
    const isThere = chain !== undefined && isReceivedAt(path, link.point);
    if (!isThere && (target === chain?.path || made.has(path))) putAside(path);
    if (isPutInPlace(target, link)) continue;
    if (isThere) {
      cleanLeftovers(bytesFromText(target), [identityKey(streamIdentity(link))]);
      continue;
    }
    names.push(link.point.name);
    for (const one of received(reader, link, target, context, presence).snapshots) {
      path = pathBelow(target, textFromBytes(one.name));
      made.add(path);
      for (const loss of one.losses) losses.push(loss);
      lossCount += one.lossCount;
    }
  }
  const damage = { damaged: [], damagedCount: 0 };
  return {
    ...{ path, kind: 'subvolume', received: names },
    ...{ ...damage, losses, lossCount, notes: reader.notes },
  };
}

/** Whether an earlier run had applied every command of it: what was left to do is done now. */
function isPutInPlace(target: string, link: PointRef): boolean {
  return resumePoint(bytesFromText(target), streamIdentity(link)).isComplete;
}

function streamIdentity({ point }: PointRef): StreamIdentity {
  const { name, uuid, ctransid, parent } = point;
  const own = [bytesFromText(streamName(name)), Buffer.from(uuid, 'hex'), ctransid] as const;
  if (parent === null) return identityOf(...own);
  return identityOf(...own, Buffer.from(parent.uuid, 'hex'), parent.ctransid);
}

/** @throws Corrupt of the archive, with what can be done all the same; Io 'source-gone' */
function received(
  reader: ArchiveReader,
  link: PointRef,
  target: string,
  context: VerbContext,
  presence: Presence,
): ReturnType<typeof receive> {
  const source = provenSource(reader.stream(link).plain, link.point);
  const read = (into: Uint8Array, offset: number, length: number): number => {
    try {
      return source.read(into, offset, length);
    } catch (error) {
      if (!isDamage(error)) throw error;
      // Said here: what is received so far is kept after this one, not after damage.
      throw presence.isGone() ? gone(reader.archive.folder, error) : withWayOut(error);
    }
  };
  try {
    return receive(
      { source: { read }, target: bytesFromText(target) },
      { cancel: context.cancel, onProgress: (bytes) => report(context, bytes, link.point.name) },
    );
  } catch (error) {
    // Another stream's name is there, or its parent is not: what is wrong is the archive.
    const isConflict = error instanceof DendroError && error.kind === 'Conflict';
    if (isConflict && isOther(reader, link))
      throw withWayOut(otherStream(link.point.parts[0]!.file));
    throw error;
  }
}

/** Whether its stream is of another snapshot, by the first command. */
function isOther(reader: ArchiveReader, link: PointRef): boolean {
  const head = headOf(streamSource(reader.stream(link).plain));
  return head?.uuid !== link.point.uuid || head.ctransid !== link.point.ctransid;
}

function gone(folder: string, cause: unknown): DendroError {
  return goneError({ path: printable(folder) }, cause);
}

/** What was made is taken back: unlike the others, a restore into a plain folder begins anew. */
function goneAnew(folder: string, cause: DendroError): DendroError {
  const { kind, code, message, place, values } = gone(folder, cause);
  const hint = 'Connect it again and start the same restore again.';
  return new DendroError(kind, code, message, { hint, place, values, cause });
}

function withWayOut({ kind, code, message, place, values, cause }: DendroError): DendroError {
  return new DendroError(kind, code, message, {
    hint: 'With --plain, or on another filesystem, every file that the damage has not hit comes back.',
    place,
    values,
    cause,
  });
}

function toFolder(
  reader: ArchiveReader,
  ref: PointRef,
  input: RestoreSnapshotInput,
  context: VerbContext,
  presence: Presence,
): RestoreSnapshotSummary {
  const { tree, resolver } = openTree(reader, ref, context.cancel);
  const { point } = ref;
  const damaged = new DamagedFiles();
  const sink = new FolderSink(input.destination, { privileged: input.privileged });
  let total = 0;
  try {
    sink.subvol(
      Buffer.from(bytesFromText(point.name)),
      Buffer.from(point.uuid, 'hex'),
      point.ctransid,
    );
    composeTree(tree.top, resolver, sink, {
      protocol: 3,
      cancel: context.cancel,
      onProgress: (bytes, names, path) => {
        total = names;
        report(context, bytes, path);
      },
      onDamage: (path, error) => {
        if (presence.isGone()) throw error;
        damaged.add(path, error);
      },
    });
    damaged.assertSome(total - damaged.count);
    sink.end();
  } catch (error) {
    sink.abort();
    throw error;
  }
  const [made] = sink.finish();
  const lossCount = Object.values(made!.lossCounts).reduce((sum, count) => sum + count, 0);
  const path = pathBelow(input.destination, textFromBytes(made!.name));
  return {
    path,
    kind: 'folder',
    received: [],
    damaged: damaged.files,
    damagedCount: damaged.count,
    losses: made!.losses,
    lossCount,
    notes: reader.notes,
  };
}

function report(context: VerbContext, bytes: number, current: string): void {
  context.progress({
    step: 'restore',
    bytes,
    totalBytes: null,
    files: 0,
    totalFiles: null,
    current,
  });
}
