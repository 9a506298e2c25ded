import { DendroError } from '../../../shared/errors.ts';
import { closeFd } from '../../linux/files.ts';
import { isErrno, ERRNO } from '../../linux/libc-error.ts';
import type { Bytes } from '../stream/command-sink.ts';
import { NOTHING } from './command-count.ts';
import { ClockLooks } from './clock-looks.ts';
import { copyTree } from './copy-tree.ts';
import type { FolderState } from './folder-aside.ts';
import { mayGoOn } from './may-go-on.ts';
import { FolderContent } from './folder-content.ts';
import { COMMANDS_BETWEEN_MARKS, FolderJournal } from './folder-journal.ts';
import type { FolderMemory } from './folder-memory.ts';
import type { Memo } from './memo.ts';
import { latin1 } from './path-names.ts';
import { trustedHoles } from './known-holes.ts';
import type { FolderParts } from './folder-parts.ts';
import { FolderSources } from './folder-sources.ts';
import { reportMemory } from './folder-report.ts';
import type { FolderTarget, FolderSource } from './folder-target.ts';
import { FolderWriter, type FolderPolicy } from './folder-writer.ts';
import { LossReport, type Loss } from './loss-report.ts';
import type { ProgressPage } from './progress-page.ts';
import type { StreamIdentity } from './stream-identity.ts';
import type { StreamPosition } from './stream-position.ts';
import { lost } from './lost.ts';
import type { Note } from '../../../shared/said.ts';

export interface FolderReceivingOptions extends FolderPolicy {
  /** Monotonic milliseconds, to space marks; without it there are none by time. */
  readonly nowMs?: (() => number) | undefined;
  readonly checkpointEveryMs?: number | undefined;
  /** Of which there is something to remember; the others are in a file meanwhile. */
  readonly namesInMemory?: number | undefined;
  /** Commands pass `admits` first, so that those of an earlier run can be passed over. */
  readonly asksAdmits?: boolean | undefined;
  /** Called once it is known from which command on this run applies; 0 is the whole stream. */
  readonly onResume?: ((command: number) => void) | undefined;
}

export interface ReceivedFolder {
  readonly name: Buffer;
  readonly uuid: Buffer;
  readonly ctransid: number;
  /** Commands that an earlier run had applied. */
  readonly resumedAt: number;
  /** False when content is missing (errors tolerated, sent without data). */
  readonly isExact: boolean;
  /** What the folder itself does not keep; all of it but content is in the sidecar. */
  readonly losses: readonly Loss[];
  /** How often, by what. */
  readonly lossCounts: Readonly<Record<string, number>>;
}

const MARK_EVERY_MS = 20_000;
/** A mark waits for the drive: at most so much of the time goes into them. */
const MARK_SHARE = 10;
/** Behind a mark, by whoever ran before; generous, for the next mark may have come late. */
const REPLAYED_AT_MOST = 4 * COMMANDS_BETWEEN_MARKS;
/** What a command says that does not fit what is there. */
const MISFITS = [ERRNO.ENOENT, ERRNO.EEXIST, ERRNO.ENOTEMPTY, ERRNO.ENOTDIR, ERRNO.EISDIR];

/** One tree on its way into a plain folder: begun or gone on with, written down, finished. */
export class FolderReceiving {
  readonly writer: FolderWriter;
  readonly content: FolderContent;
  /** Trees that are cloned from. */
  readonly sources: FolderSources;
  readonly losses = new LossReport();
  readonly #identity: StreamIdentity;
  readonly target: FolderTarget;
  readonly #position: StreamPosition;
  readonly #options: FolderReceivingOptions;
  readonly #parts: FolderParts;
  #top: number;
  readonly #resumedAt: number;
  /** None where nobody could go on with it. */
  #journal: FolderJournal | undefined;
  #page: ProgressPage | undefined;
  #isExact = true;
  #markedAt = 0;
  #nextMarkMs = Infinity;
  readonly #looks: ClockLooks;

  /**
   * Takes `target` over unless it throws.
   * @throws Conflict 'parent-missing', 'resume-mismatch'
   */
  constructor(
    identity: StreamIdentity,
    target: FolderTarget,
    position: StreamPosition,
    options: FolderReceivingOptions,
  ) {
    this.#identity = identity;
    this.target = target;
    this.#position = position;
    this.#options = options;
    this.sources = new FolderSources((uuid, ctransid) => target.openSource(uuid, ctransid));
    const { aside } = target;
    const { left } = aside;
    this.#resumedAt = position.begin(left?.progress ?? NOTHING, options.asksAdmits === true);
    const found = this.#resumedAt > 0 ? left : undefined;
    const parent = found === undefined ? this.#openParent() : undefined;
    this.#parts = aside.parts;
    try {
      if (found === undefined) aside.clear();
      this.#top = aside.openTree();
    } catch (error) {
      if (parent !== undefined) closeFd(parent.top);
      throw error;
    }
    const memory = found?.memory ?? parent?.memory ?? aside.newMemory();
    const goesOn = found !== undefined;
    this.writer = new FolderWriter(this.#top, memory, target.isPosix, options, goesOn);
    try {
      if (parent !== undefined) this.#takeOver(parent);
      if (options.asksAdmits === true || found !== undefined) this.#writeDown(found);
    } catch (error) {
      this.#close();
      throw error;
    }
    this.content = new FolderContent(this.writer, this.#parts, {
      onUnsafe: () => this.unsafe(),
      onUnreserved: (path) => this.lose(path, lost.reserved),
      onTooLarge: (path) => {
        this.lose(path, lost.tooLarge);
        this.markInexact();
      },
    });
    this.#looks = new ClockLooks(position.done);
    options.onResume?.(this.#resumedAt);
  }

  get parts(): FolderParts {
    return this.#parts;
  }

  isOf(uuid: Bytes): boolean {
    return this.#identity.uuid.equals(uuid);
  }

  /** To be called before a command that cannot be done twice. */
  unsafe(): void {
    this.#journal?.unsafe(this.#position.done);
  }

  /** One more command has been applied, to these paths, or is held back by the writer. */
  did(...paths: readonly Bytes[]): void {
    this.#didWith(0, paths);
  }

  /** As `did`, of a command that brought so much data. */
  didWrite(path: Bytes, bytes: number): void {
    this.#didWith(bytes, [path]);
  }

  /** As `did`, of a command that took this name away. */
  didRemove(path: Bytes, wasKnown: boolean): void {
    this.#position.advance();
    if (wasKnown) this.#journal?.gone(this.#position.done, path);
    this.#count();
  }

  didMove(from: Bytes, to: Bytes, wasKnown: boolean): void {
    this.#position.advance();
    if (wasKnown) this.#journal?.moved(this.#position.done, from, to);
    this.#note(to);
    this.#count();
  }

  /** What the command that is applied now was to keep, and nothing else remembers. */
  lose(path: Bytes, what: Note): void {
    const loss = this.losses.add(path, what);
    if (loss !== undefined) this.#journal?.lost(this.#position.done + 1, loss);
  }

  /** It is not what was sent, which a later run could not know: only marks from before count. */
  markInexact(): void {
    this.#isExact = false;
    this.#page?.set(0, 0);
  }

  get isExact(): boolean {
    return this.#isExact;
  }

  /** Brings it into place; that its target is left is due then. */
  finish(): ReceivedFolder {
    const { writer, losses } = this;
    writer.settleCopies();
    writer.settleModes();
    writer.close();
    this.#parts.keepOnly(largeFiles(writer.memory));
    reportMemory(writer.memory, losses);
    const progress = { commands: this.#position.done + 1, hash: 0 };
    // Filesystems in user space only hide what is removed while it is open.
    this.#close();
    this.target.finish(writer.memory, losses.counts, progress);
    const { name, uuid, ctransid } = this.#identity;
    return {
      ...{ name, uuid, ctransid, resumedAt: this.#resumedAt, isExact: this.#isExact },
      ...{ losses: losses.entries, lossCounts: losses.counts },
    };
  }

  /** Ends it after an error; `keeps`: for a further run. */
  stop(error: unknown): void {
    const { aside } = this.target;
    const isReplayed = this.writer.tree.isReplaying && isErrno(error, ...MISFITS);
    const keeps = this.#journal !== undefined && mayGoOn(error) && !isReplayed;
    try {
      if (keeps && this.#position.done > 1 && !this.#position.isSkipping) this.#mark();
    } catch (failed) {
      // The drive may be full, or gone: then the mark before counts, and the page.
      if (!(failed instanceof DendroError)) throw failed;
    }
    try {
      this.#close();
      if (!aside.isComplete && !(keeps && this.#position.done > 1)) aside.tryToDiscard();
    } finally {
      this.target.close();
    }
  }

  #openParent(): FolderSource | undefined {
    const { parentUuid, parentCtransid } = this.#identity;
    if (parentUuid === undefined || parentCtransid === undefined) return undefined;
    return this.target.openSource(parentUuid, parentCtransid);
  }

  #takeOver({ top, parts }: FolderSource): void {
    try {
      const chmod = (path: Buffer, mode: number): void => this.writer.copyMode(path, mode);
      const known = this.#hollow();
      copyTree(top, this.writer.tree, chmod, (path, status) =>
        trustedHoles(known.get(latin1(path)), status),
      );
      this.#parts.takeAll(parts);
    } finally {
      closeFd(top);
    }
  }

  /** What is remembered of files with holes that the filesystem does not tell, by path on disk. */
  #hollow(): Map<string, Memo> {
    const { memory } = this.writer;
    const found = new Map<string, Memo>();
    if (!memory.has.holes) return found;
    for (const { path, entry } of memory.walk()) {
      if (entry.memo?.holes !== undefined) found.set(latin1(memory.real(path)), entry.memo);
    }
    return found;
  }

  /** Begins a journal, from where the earlier run stopped. */
  #writeDown(found: FolderState | undefined): void {
    const { aside } = this.target;
    const { tree, names, memory } = this.writer;
    const { done: commands, hash } = this.#position;
    if (found === undefined || found.isReplay) aside.forgetPage();
    if (found !== undefined) aside.sync();
    const nothing = { claims: new Map<string, Buffer>(), losses: [] };
    const fresh = { memory, progress: { commands, hash }, ...nothing };
    for (const loss of found?.losses ?? []) this.losses.take(loss);
    this.#journal = new FolderJournal(aside.path, found ?? fresh, found !== undefined);
    names.chosen = new Map(found?.claims);
    names.onClaim = (path, real) => {
      this.unsafe();
      this.#journal?.claim(this.#position.done + 1, path, real);
    };
    this.writer.onKept = (path) => {
      this.unsafe();
      this.#note(path);
    };
    if (found?.isReplay === true) {
      tree.isReplaying = true;
    } else {
      this.#page = aside.openPage(found !== undefined);
      if (found !== undefined) tree.repeatNext();
    }
    this.#markedAt = commands;
    this.#nextMarkMs = this.#nowMs() + this.#everyMs;
  }

  #didWith(bytes: number, paths: readonly Bytes[]): void {
    this.#position.advance();
    if (this.#journal !== undefined) for (const path of paths) this.#note(path);
    this.#count(bytes);
  }

  #note(path: Bytes): void {
    const entry = this.writer.memory.find(path);
    if (entry !== undefined) this.#journal?.note(this.#position.done, path, entry);
  }

  #count(bytes = 0): void {
    this.writer.memory.rest();
    this.#looks.did(bytes);
    const { done } = this.#position;
    const { isHolding } = this.writer.tree;
    if (this.#journal === undefined || !this.#isExact) return;
    const { commands, hash } = this.#position.progress(isHolding);
    this.#page?.set(commands, hash);
    if (!this.#looks.isDue || isHolding) return;
    this.#looks.looked();
    if (this.writer.tree.isReplaying && done - this.#resumedAt > REPLAYED_AT_MOST) this.#replayed();
    const isDue = done - this.#markedAt >= COMMANDS_BETWEEN_MARKS;
    if (isDue || this.#nowMs() >= this.#nextMarkMs) this.#mark();
  }

  /** What an earlier run may have done has been done again. */
  #replayed(): void {
    this.writer.tree.isReplaying = false;
    this.#page = this.target.aside.openPage(false);
    this.#page?.set(this.#position.done, this.#position.hash);
  }

  /** All so far onto the drive, so that a run after a power cut goes on from here. */
  #mark(): void {
    if (!this.#isExact) return;
    const began = this.#nowMs();
    const { tree } = this.writer;
    const progress = this.#position.progress(tree.isHolding);
    this.target.aside.sync();
    this.#journal?.mark(progress);
    this.content.marked();
    const now = this.#nowMs();
    this.#markedAt = progress.commands;
    this.#nextMarkMs = now + Math.max(this.#everyMs, (now - began) * MARK_SHARE);
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? 0;
  }

  get #everyMs(): number {
    const { nowMs, checkpointEveryMs } = this.#options;
    return nowMs === undefined ? Infinity : (checkpointEveryMs ?? MARK_EVERY_MS);
  }

  #close(): void {
    this.sources.close();
    this.writer.close();
    this.#journal?.close();
    this.#page?.close();
    this.#journal = undefined;
    this.#page = undefined;
    if (this.#top >= 0) closeFd(this.#top);
    this.#top = -1;
  }
}

function largeFiles(memory: FolderMemory): Set<number> {
  const found = new Set<number>();
  if (!memory.has.large) return found;
  for (const { entry } of memory.walk()) {
    if (entry.memo?.large !== undefined) found.add(entry.memo.large.id);
  }
  return found;
}
