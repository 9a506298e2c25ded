import { assert, conflict, corrupt, DendroError } from '../../../shared/errors.ts';
import { SUBVOLUME_TOP_INODE } from '../../linux/btrfs-ioctl.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../linux/files.ts';
import type { Bytes, CommandSink, EncodedWrite } from '../stream/command-sink.ts';
import { CloneSources } from './clone-sources.ts';
import { nextHash } from './command-count.ts';
import { applyFlags } from './deferred-flags.ts';
import { progressOf } from './leftover.ts';
import { LossReport, type Loss } from './loss-report.ts';
import { Staging } from './staging.ts';
import { identityOf, type StreamIdentity } from './stream-identity.ts';
import { SubvolumeFinder } from './subvolume-finder.ts';
import { setTimes, timesOf, timespecs } from './top-times.ts';
import { FIFO_MODE, SOCKET_MODE, TreeWriter } from './tree-writer.ts';

export interface BtrfsSinkOptions {
  /** Monotonic milliseconds, to space checkpoints. */
  readonly nowMs: () => number;
  readonly checkpointEveryMs?: number;
  readonly forceDecompress?: boolean;
  /** Parents and clone sources that the sender received itself are taken by UUID alone. */
  readonly parentByUuid?: boolean;
  /** Kept with a leftover: what decides the stream's bytes beside its first command. */
  readonly fingerprint?: string;
  /** Commands pass `admits` first, so that those of an earlier run can be passed over. */
  readonly asksAdmits?: boolean;
  /** Called before the parent is looked for. */
  readonly onSubvolume?: (name: Bytes, kind: 'subvol' | 'snapshot') => void;
  /** Called once it is known from which command on this run applies; 0 is the whole stream. */
  readonly onResume?: (command: number) => void;
}

export interface ReceivedSnapshot {
  readonly name: Buffer;
  readonly uuid: Buffer;
  readonly ctransid: number;
  readonly kind: 'subvol' | 'snapshot';
  /** Commands that an earlier run had applied. */
  readonly resumedAt: number;
  readonly commands: number;
  /** False when it is not what was sent (errors tolerated, sent without data): no parent for more. */
  readonly isExact: boolean;
  readonly losses: readonly Loss[];
  readonly lossCount: number;
}

interface Current {
  readonly identity: StreamIdentity;
  readonly kind: 'subvol' | 'snapshot';
  readonly staging: Staging;
  readonly writer: TreeWriter;
  readonly losses: LossReport;
  readonly resumedAt: number;
  topTimes: Buffer;
  isExact: boolean;
}

const CHECKPOINT_EVERY_MS = 20_000;
/** The clock is looked at once in so many commands (at most 32 MiB of data). */
const CLOCK_MASK = 255;
/** The path of the top directory. */
const TOP = new Uint8Array(0);
const FILE = { kind: 'file' } as const;
const DIRECTORY = { kind: 'directory' } as const;

/** What keeps a leftover: the stream may be sent again and go on. All else does not fit here. */
const MAY_GO_ON = ['stream-cut-short', 'stream-checksum'];

/** Opens `target`, a directory on btrfs, to receive snapshots into. */
export function openBtrfsSink(target: string | Bytes, options: BtrfsSinkOptions): BtrfsSink {
  return new BtrfsSink(openPath(cString(target), O_RDONLY | O_DIRECTORY), options);
}

/**
 * Receives onto btrfs: each subvolume under a private name first, then in place with received
 * UUID and read-only, all or nothing; an interrupted one is gone on with.
 * After an error call `abort(error)`, after all else `finish()`.
 */
export class BtrfsSink implements CommandSink {
  readonly #target: number;
  readonly #options: BtrfsSinkOptions;
  readonly #finder: SubvolumeFinder;
  readonly #sources: CloneSources;
  readonly #received: ReceivedSnapshot[] = [];
  #current: Current | undefined;
  #resumeFrom = 0;
  /** Commands before this one are passed over, `#expected` being their hash. */
  #skipTo = 0;
  #expected = 0;
  #done = 0;
  #hash = 0;
  #hashBefore = 0;
  #hashNext = 0;
  #nextCheckpointMs = 0;

  /** Takes the descriptor over. */
  constructor(target: number, options: BtrfsSinkOptions) {
    this.#target = target;
    this.#options = options;
    this.#finder = new SubvolumeFinder(target, options.parentByUuid);
    this.#sources = new CloneSources(this.#finder);
  }

  /** What was received; closes everything. */
  finish(): ReceivedSnapshot[] {
    assert(this.#current === undefined, 'a receive was finished in the middle of a subvolume');
    this.#close();
    return this.#received;
  }

  /** Ends after an error: keeps what can be gone on with, removes what cannot. */
  abort(error: unknown): void {
    const current = this.#current;
    this.#current = undefined;
    if (current !== undefined) {
      current.writer.close();
      if (mayGoOn(error) && this.#done > 1) this.#keep(current);
      else current.staging.discard();
      current.staging.close();
    }
    this.#close();
  }

  /** An error was tolerated: the snapshot is not what was sent. */
  markInexact(): void {
    if (this.#current !== undefined) this.#current.isExact = false;
  }

  /** For the decoder: whether command `index` is to be applied. */
  admits(index: number, checksum: number): boolean {
    if (index < this.#skipTo) {
      this.#hash = nextHash(this.#hash, checksum);
      return false;
    }
    if (index === this.#skipTo && this.#skipTo > 0 && this.#hash !== this.#expected) {
      throw conflict('leftover-differs', 'An interrupted receive of this name was of other data.', {
        hint: 'Run it again: what was left has been removed.',
      });
    }
    this.#hashNext = nextHash(this.#hash, checksum);
    return true;
  }

  resume(fromCommand: number): void {
    this.#resumeFrom = fromCommand;
  }

  subvol(path: Bytes, uuid: Bytes, ctransid: number): void {
    this.#begin('subvol', identityOf(path, uuid, ctransid));
  }

  snapshot(path: Bytes, uuid: Bytes, ctransid: number, parent: Bytes, transid: number): void {
    this.#begin('snapshot', identityOf(path, uuid, ctransid, parent, transid));
  }

  mkfile(path: Bytes): void {
    this.#writer.create(path, FILE);
    this.#did();
  }

  mkdir(path: Bytes): void {
    this.#writer.create(path, DIRECTORY);
    this.#did();
  }

  mknod(path: Bytes, _inode: number, mode: number, rdev: number): void {
    this.#writer.create(path, { kind: 'node', mode, rdev });
    this.#did();
  }

  mkfifo(path: Bytes): void {
    this.#writer.create(path, { kind: 'node', mode: FIFO_MODE, rdev: 0 });
    this.#did();
  }

  mksock(path: Bytes): void {
    this.#writer.create(path, { kind: 'node', mode: SOCKET_MODE, rdev: 0 });
    this.#did();
  }

  symlink(path: Bytes, _inode: number, target: Bytes): void {
    this.#writer.create(path, { kind: 'symlink', target });
    this.#did();
  }

  rename(from: Bytes, to: Bytes): void {
    this.#writer.rename(from, to);
    this.#did();
  }

  link(path: Bytes, existing: Bytes): void {
    this.#writer.link(path, existing);
    this.#did();
  }

  unlink(path: Bytes): void {
    this.#writer.unlink(path);
    this.#did();
  }

  rmdir(path: Bytes): void {
    this.#writer.rmdir(path);
    this.#did();
  }

  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    this.#settled.inodes.setXattr(path, name, value);
    this.#did();
  }

  removeXattr(path: Bytes, name: Bytes): void {
    this.#settled.inodes.removeXattr(path, name);
    this.#did();
  }

  write(path: Bytes, offset: number, data: Bytes): void {
    this.#settled.inodes.write(path, offset, data);
    this.#did();
  }

  clone(
    path: Bytes,
    offset: number,
    length: number,
    sourceUuid: Bytes,
    sourceCtransid: number,
    sourcePath: Bytes,
    sourceOffset: number,
  ): void {
    const writer = this.#settled;
    const isOwn = this.#current!.identity.uuid.equals(sourceUuid);
    const source = isOwn
      ? writer.cloneSource(sourcePath)
      : this.#sources.open(sourceUuid, sourceCtransid, sourcePath);
    writer.inodes.clone(path, offset, length, source, sourceOffset);
    this.#did();
  }

  truncate(path: Bytes, size: number): void {
    this.#settled.inodes.truncate(path, size);
    this.#did();
  }

  chmod(path: Bytes, mode: number): void {
    this.#settled.inodes.chmod(path, mode);
    this.#did();
  }

  chown(path: Bytes, uid: number, gid: number): void {
    this.#settled.inodes.chown(path, uid, gid);
    this.#did();
  }

  utimes(path: Bytes, times: Bytes): void {
    const writer = this.#settled;
    if (path.length === 0) {
      const top = timespecs(times);
      this.#current!.topTimes = top;
      this.#current!.staging.recordTopTimes(top);
    } else {
      writer.inodes.utimes(path, times);
    }
    this.#did();
  }

  /** A stream without data: what comes out is not the snapshot, and says so. */
  updateExtent(path: Bytes): void {
    const { losses } = this.#current!;
    if (this.#settled !== undefined && losses.count === 0) losses.add(path, 'sent without data');
    this.markInexact();
    this.#did();
  }

  encodedWrite(path: Bytes, write: EncodedWrite): void {
    this.#settled.inodes.encodedWrite(path, write);
    this.#did();
  }

  fallocate(path: Bytes, mode: number, offset: number, length: number): void {
    this.#settled.inodes.fallocate(path, mode, offset, length);
    this.#did();
  }

  fileattr(path: Bytes, flags: number): void {
    this.#settled.inodes.fileattr(path, flags);
    this.#did();
  }

  enableVerity(
    path: Bytes,
    algorithm: number,
    blockSize: number,
    salt: Bytes,
    signature: Bytes,
  ): void {
    this.#settled.inodes.enableVerity(path, algorithm, blockSize, salt, signature);
    this.#did();
  }

  end(): void {
    const current = this.#current;
    if (current === undefined) return;
    current.writer.settle();
    const { staging, writer, losses, identity, kind, resumedAt, isExact } = current;
    const flags = writer.inodes.flags.deferred;
    const top = flags.get(SUBVOLUME_TOP_INODE);
    flags.delete(SUBVOLUME_TOP_INODE);
    applyFlags(staging.work, flags, losses);
    setTimes(staging.work, current.topTimes);
    writer.close();
    const barring = top === undefined ? undefined : new Map([[SUBVOLUME_TOP_INODE, top]]);
    staging.finish(isExact, barring && (() => applyFlags(staging.work, barring, losses)));
    this.#current = undefined;
    staging.close();
    this.#received.push({
      ...{ name: identity.name, uuid: identity.uuid, ctransid: identity.ctransid, kind },
      ...{ resumedAt, commands: this.#done + 1, isExact },
      ...{ losses: losses.entries, lossCount: losses.count },
    });
  }

  get #writer(): TreeWriter {
    if (this.#current === undefined) throw corrupt('stream-malformed', 'No subvolume was begun.');
    return this.#current.writer;
  }

  /** With everything done that earlier commands asked for. */
  get #settled(): TreeWriter {
    const writer = this.#writer;
    if (writer.isHolding) writer.settle();
    return writer;
  }

  #begin(kind: 'subvol' | 'snapshot', identity: StreamIdentity): void {
    if (this.#current !== undefined) this.end();
    const resumeFrom = this.#resumeFrom;
    this.#resumeFrom = 0;
    this.#options.onSubvolume?.(identity.name, kind);
    const { parentUuid, parentCtransid = 0 } = identity;
    if (parentUuid !== undefined) this.#finder.declareParent(parentUuid, parentCtransid);
    const staging = new Staging(this.#target, identity);
    try {
      this.#current = this.#start(kind, identity, staging, resumeFrom);
    } catch (error) {
      staging.closeUnused();
      throw error;
    }
    this.#nextCheckpointMs = this.#options.nowMs() + this.#every;
  }

  #start(
    kind: 'subvol' | 'snapshot',
    identity: StreamIdentity,
    staging: Staging,
    resumeFrom: number,
  ): Current {
    const leftover = staging.leftover;
    if (leftover.kind === 'complete') {
      staging.complete();
      throw conflict(
        'already-received',
        'An earlier run had received all of it; it is in place now.',
      );
    }
    staging.refuseExisting();
    const { commands, hash } = progressOf(leftover);
    if (resumeFrom > 0 && commands !== resumeFrom) throw cannotResume(resumeFrom, commands);
    const canSkip = this.#options.asksAdmits === true && commands > 1 && hash !== 0;
    const goesOn = resumeFrom > 0 || canSkip;
    this.#skipTo = goesOn && resumeFrom === 0 ? commands : 0;
    this.#expected = hash;
    this.#done = goesOn ? commands : 1;
    this.#hash = goesOn && resumeFrom > 0 ? hash : 0;
    this.#hashNext = 0;
    if (goesOn && (leftover.kind === 'work' || leftover.kind === 'checkpoint')) {
      staging.goOn(leftover);
    } else {
      staging.begin(this.#parent(identity), this.#options.fingerprint);
      staging.record(this.#done, this.#hash);
    }
    const losses = new LossReport();
    const writer = this.#openWriter(staging, losses, kind === 'snapshot' || goesOn);
    if (kind === 'snapshot') writer.inodes.flags.thaw(TOP);
    if (goesOn) {
      writer.inodes.flags.restore(staging.flagsBefore(commands));
      if (leftover.kind === 'work') writer.repeatNext();
    } else if (kind === 'subvol') {
      writer.inodes.disinherit(TOP);
    }
    const recorded = goesOn && leftover.kind === 'work' ? leftover.topTimes : undefined;
    const topTimes = recorded ?? timesOf(staging.work);
    staging.recordTopTimes(topTimes);
    this.#options.onResume?.(goesOn ? commands : 0);
    const resumedAt = goesOn ? commands : 0;
    return { identity, kind, staging, writer, losses, resumedAt, topTimes, isExact: true };
  }

  #openWriter(staging: Staging, losses: LossReport, mayInherit: boolean): TreeWriter {
    return new TreeWriter(staging.work, {
      mayInherit,
      forceDecompress: this.#options.forceDecompress === true,
      onLoss: (path, what) => losses.add(path, what),
      onDeferredFlags: (inode, flags) => staging.recordFlags(this.#done, inode, flags),
    });
  }

  #parent(identity: StreamIdentity): number | undefined {
    const { parentUuid, parentCtransid } = identity;
    if (parentUuid === undefined || parentCtransid === undefined) return undefined;
    return this.#finder.open(parentUuid, parentCtransid);
  }

  #did(): void {
    const { staging, writer } = this.#current!;
    this.#done += 1;
    this.#hashBefore = this.#hash;
    this.#hash = this.#hashNext;
    if (writer.isHolding) return staging.record(this.#done - 1, this.#hashBefore);
    staging.record(this.#done, this.#hash);
    if ((this.#done & CLOCK_MASK) === 0) this.#checkpointWhenDue();
  }

  get #every(): number {
    return this.#options.checkpointEveryMs ?? CHECKPOINT_EVERY_MS;
  }

  #checkpointWhenDue(): void {
    if (this.#options.nowMs() < this.#nextCheckpointMs) return;
    const { staging, topTimes } = this.#current!;
    setTimes(staging.work, topTimes);
    staging.checkpoint({ commands: this.#done, hash: this.#hash });
    this.#nextCheckpointMs = this.#options.nowMs() + this.#every;
  }

  /** A last checkpoint if there is room for one; the work itself is there in any case. */
  #keep({ staging, writer, topTimes }: Current): void {
    const isHeld = writer.isHolding;
    const commands = isHeld ? this.#done - 1 : this.#done;
    if (this.#skipTo > commands) return;
    try {
      setTimes(staging.work, topTimes);
      staging.checkpoint({ commands, hash: isHeld ? this.#hashBefore : this.#hash });
    } catch (error) {
      if (!(error instanceof DendroError)) throw error;
    }
  }

  #close(): void {
    this.#sources.close();
    this.#finder.close();
    closeFd(this.#target);
  }
}

function mayGoOn(error: unknown): boolean {
  if (!(error instanceof DendroError)) return false;
  return ['Io', 'Cancelled'].includes(error.kind) || MAY_GO_ON.includes(error.code);
}

function cannotResume(wanted: number, found: number): DendroError {
  const message = `The stream goes on at command ${wanted}, but the target stands at ${found}.`;
  return conflict('resume-mismatch', message, {
    hint: 'Ask the target for its place again, or send the whole stream.',
  });
}
