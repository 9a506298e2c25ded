import { conflict, DendroError } from '../../../shared/errors.ts';
import { SUBVOLUME_TOP_INODE } from '../../linux/btrfs-ioctl.ts';
import { ClockLooks } from './clock-looks.ts';
import { applyFlags } from './deferred-flags.ts';
import { progressOf, type ResumeFrom } from './leftover.ts';
import { LossReport, type Loss } from './loss-report.ts';
import type { NotedOfCopy, Staging } from './staging.ts';
import type { StreamIdentity } from './stream-identity.ts';
import type { StreamPosition } from './stream-position.ts';
import { setTimes, timesOf } from './top-times.ts';
import { TreeWriter } from './tree-writer.ts';

export interface ReceivingOptions extends NotedOfCopy {
  /** Monotonic milliseconds, to space checkpoints. */
  readonly nowMs: () => number;
  readonly checkpointEveryMs?: number;
  readonly forceDecompress?: boolean;
  /** Kept with a leftover: what decides the stream's bytes beside its first command. */
  readonly fingerprint?: string;
  /** Commands pass `admits` first, so that those of an earlier run can be passed over. */
  readonly asksAdmits?: boolean;
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

const CHECKPOINT_EVERY_MS = 20_000;
/** The path of the top directory. */
const TOP = new Uint8Array(0);

/** One subvolume on its way: begun or gone on with, counted, kept at checkpoints, finished. */
export class BtrfsReceiving {
  readonly identity: StreamIdentity;
  readonly writer: TreeWriter;
  readonly losses = new LossReport();
  readonly #kind: 'subvol' | 'snapshot';
  readonly #staging: Staging;
  readonly #options: ReceivingOptions;
  readonly #position: StreamPosition;
  readonly #resumedAt: number;
  #topTimes: Buffer;
  #isExact = true;
  #nextCheckpointMs: number;
  readonly #looks: ClockLooks;

  /**
   * Takes `staging` over. `openParent` gives the snapshot that an increment builds on.
   * @throws Conflict 'already-received', 'exists', 'resume-mismatch' and what `openParent` throws
   */
  constructor(
    kind: 'subvol' | 'snapshot',
    identity: StreamIdentity,
    staging: Staging,
    position: StreamPosition,
    openParent: () => number | undefined,
    options: ReceivingOptions,
  ) {
    this.#kind = kind;
    this.identity = identity;
    this.#staging = staging;
    this.#position = position;
    this.#options = options;
    const { leftover } = staging;
    if (leftover.kind === 'complete') throw completed(staging);
    staging.refuseExisting();
    this.#resumedAt = position.begin(progressOf(leftover), options.asksAdmits === true);
    if (this.#resumedAt > 0 && (leftover.kind === 'work' || leftover.kind === 'checkpoint')) {
      staging.goOn(leftover);
    } else {
      staging.begin(openParent(), options.fingerprint);
      staging.record(position.done, position.hash);
    }
    this.writer = this.#openWriter(leftover);
    const recorded = this.#resumedAt > 0 && leftover.kind === 'work' ? leftover : undefined;
    this.#topTimes = recorded?.topTimes ?? timesOf(staging.work);
    staging.recordTopTimes(this.#topTimes);
    options.onResume?.(this.#resumedAt);
    this.#nextCheckpointMs = options.nowMs() + this.#everyMs;
    this.#looks = new ClockLooks(position.done);
  }

  /** One more command has been applied, with so much data, or is held back by the writer. */
  did(bytes: number): void {
    this.#position.advance();
    if (!this.#isExact) return;
    const { commands, hash } = this.#position.progress(this.writer.isHolding);
    this.#staging.record(commands, hash);
    this.#looks.did(bytes);
    if (this.#looks.isDue) this.#checkpointWhenDue();
  }

  setTopTimes(times: Buffer): void {
    this.#topTimes = times;
    this.#staging.recordTopTimes(times);
  }

  /**
   * It is not what was sent. A later run could not know that of the commands so far: only
   * checkpoints from before count.
   */
  markInexact(): void {
    this.#isExact = false;
    this.#staging.record(0, 0);
  }

  /** Everything on the drive, then the final name, received UUID and read-only. */
  finish(): ReceivedSnapshot {
    const { writer, losses, identity } = this;
    const staging = this.#staging;
    writer.settle();
    const flags = writer.inodes.flags.deferred;
    // Those of the top directory come last of all.
    flags.delete(SUBVOLUME_TOP_INODE);
    applyFlags(staging.work, flags, losses);
    setTimes(staging.work, this.#topTimes);
    writer.close();
    staging.finish(this.#isExact, losses, this.#options);
    staging.close();
    return {
      ...{ name: identity.name, uuid: identity.uuid, ctransid: identity.ctransid },
      ...{ kind: this.#kind, resumedAt: this.#resumedAt, commands: this.#position.done + 1 },
      ...{ isExact: this.#isExact, losses: losses.entries, lossCount: losses.count },
    };
  }

  /** Ends it after an error; `keeps`: for a further run. */
  stop(keeps: boolean): void {
    this.writer.close();
    try {
      if (keeps && this.#position.done > 1) this.#keep();
      else this.#staging.tryToDiscard();
    } finally {
      this.#staging.close();
    }
  }

  get #everyMs(): number {
    return this.#options.checkpointEveryMs ?? CHECKPOINT_EVERY_MS;
  }

  #openWriter(leftover: ResumeFrom): TreeWriter {
    const staging = this.#staging;
    const goesOn = this.#resumedAt > 0;
    const writer = new TreeWriter(staging.work, {
      mayInherit: this.#kind === 'snapshot' || goesOn,
      forceDecompress: this.#options.forceDecompress === true,
      onLoss: (path, what) => {
        const loss = this.losses.add(path, what);
        if (loss !== undefined) staging.records.addLoss(this.#position.done + 1, loss);
      },
      onDeferredFlags: (inode, flags) =>
        staging.records.addFlags(this.#position.done, inode, flags),
    });
    if (this.#kind === 'snapshot') writer.inodes.flags.thaw(TOP);
    if (goesOn) {
      writer.inodes.flags.restore(staging.records.flagsBefore(this.#resumedAt));
      for (const loss of staging.records.lossesBefore(this.#resumedAt)) this.losses.take(loss);
      if (leftover.kind === 'work') writer.repeatNext();
    } else if (this.#kind === 'subvol') {
      writer.inodes.disinherit(TOP);
    }
    return writer;
  }

  #checkpointWhenDue(): void {
    this.#looks.looked();
    if (this.#options.nowMs() < this.#nextCheckpointMs) return;
    setTimes(this.#staging.work, this.#topTimes);
    this.#staging.checkpoint(this.#position.progress(this.writer.isHolding));
    this.#nextCheckpointMs = this.#options.nowMs() + this.#everyMs;
  }

  /** A last checkpoint if there is room for one; the work itself is there in any case. */
  #keep(): void {
    const progress = this.#position.progress(this.writer.isHolding);
    if (!this.#isExact || this.#position.isSkipping) return;
    try {
      setTimes(this.#staging.work, this.#topTimes);
      this.#staging.checkpoint(progress);
    } catch (error) {
      if (!(error instanceof DendroError)) throw error;
    }
  }
}

function completed(staging: Staging): DendroError {
  staging.complete();
  return conflict('already-received', 'An earlier run had received all of it; it is in place now.');
}
