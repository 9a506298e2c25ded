import { createHash } from 'node:crypto';
import { readdirSync, realpathSync, rmSync } from 'node:fs';
import { conflict, DendroError } from '../../../shared/errors.ts';
import {
  AT_REMOVEDIR,
  closeFd,
  cString,
  O_CREAT,
  O_NOFOLLOW,
  O_RDWR,
  O_TRUNC,
  openPath,
  RENAME_NOREPLACE,
  statFd,
  syncFilesystem,
} from '../../linux/files.ts';
import { lockUnlessTaken } from '../../linux/file-lock.ts';
import { ERRNO, throwErrno, typedFs } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import { NOTHING, type Progress } from './command-count.ts';
import { writeLines } from './file-lines.ts';
import { type JournalState } from './folder-journal.ts';
import { hasStateAt, progressAtMark, stateAt, stateAtMark } from './read-journal.ts';
import { FolderMemory } from './folder-memory.ts';
import { FolderParts, PARTS_SUFFIX } from './folder-parts.ts';
import { SIDECAR_SUFFIX } from './folder-sidecar.ts';
import { exists, mountOf } from './leftover.ts';
import {
  makePrivate,
  namesIn,
  openFolder,
  openPrivateFolder,
  readText,
  writeText,
} from './private-folder.ts';
import { forgetProgress, ProgressPage } from './progress-page.ts';
import { refuseName } from './snapshot-name.ts';
import {
  identityJson,
  identityKey,
  parseIdentity,
  type StreamIdentity,
} from './stream-identity.ts';

/** What a receive into a plain folder works in, beside the final name: this and its key. */
export const ASIDE_PREFIX = '.dendro-receive-';
const IDENTITY = 'identity';
/** All is applied and on the drive; it holds the final name, in hexadecimal digits. */
const COMPLETE = 'complete';
/** That and the number of commands; a power cut may leave it empty, and then it says nothing. */
const COMPLETION = /^((?:[0-9a-f]{2})+) (\d+)$/;
const TREE = Buffer.from('tree');
const PARTS = Buffer.from('parts');
const SIDECAR = 'sidecar';
const SCRATCH = 'names';

/** Whether a receive into this folder was interrupted, or is running. */
export function hasAside(directory: string): boolean {
  return readdirSync(directory).some((name) => name.startsWith(ASIDE_PREFIX));
}

export interface FolderState extends JournalState {
  /** More than one of the commands that come may have been applied already. */
  readonly isReplay: boolean;
}

/**
 * The private folder of one stream, for one process at a time. It is used through its descriptor
 * alone: whoever may write to the target can put a link in the place of its name.
 *
 *   identity   the stream's first command
 *   tree/      what the commands are applied to
 *   parts/     ends of files that are too large here
 *   journal    see FolderJournal
 *   sidecar    complete   written when all is applied
 */
export class FolderAside {
  readonly #directory: number;
  readonly #identity: StreamIdentity;
  readonly #name: string;
  /** The folder itself, open and locked. */
  readonly #folder: number;
  readonly #page: string;
  readonly #mount: bigint;
  readonly #mostNames: number | undefined;
  /** Files of memories, open until the end. */
  readonly #scratch: number[] = [];

  /**
   * @param directory open; it stays the caller's to close
   * @param hasOwners see `openPrivateFolder`
   * @param mostNames in memory, of which there is something to remember; by default some thousands
   * @throws Conflict 'busy', Denied 'staging-not-ours'
   */
  constructor(directory: number, identity: StreamIdentity, hasOwners: boolean, mostNames?: number) {
    this.#mostNames = mostNames;
    this.#directory = directory;
    this.#identity = identity;
    this.#name = ASIDE_PREFIX + identityKey(identity);
    this.#folder = lockAside(openPrivateFolder(directory, this.#name, hasOwners));
    this.#page = pageKeyOf(directory, this.#name);
    this.#mount = mountOf(this.#folder);
  }

  /** For calls that take a path: it leads through the descriptor. */
  get path(): string {
    return `/proc/self/fd/${this.#folder}`;
  }

  get isComplete(): boolean {
    return completionIn(this.#folder) !== undefined;
  }

  get parts(): FolderParts {
    return new FolderParts(this.#folder, PARTS);
  }

  /** What an earlier run left that can be gone on with. */
  get left(): FolderState | undefined {
    if (!exists(this.#folder, TREE)) return undefined;
    const page = ProgressPage.read(this.#page, this.#mount);
    const commands = page?.progress.commands ?? 0;
    if (page !== undefined && commands > 1) {
      const state = stateAt(this.path, page.progress, () => this.newMemory());
      if (state !== undefined) return { ...state, isReplay: false };
    }
    const state = stateAtMark(this.path, () => this.newMemory());
    return state === undefined ? undefined : { ...state, isReplay: true };
  }

  /** Whether an earlier run left something that can be gone on with. */
  get isBegun(): boolean {
    const page = ProgressPage.read(this.#page, this.#mount);
    return exists(this.#folder, TREE) && progressIn(this.path, page?.progress) !== undefined;
  }

  /** What is to be remembered of a tree; what there is no room for in memory goes into a file here. */
  newMemory(): FolderMemory {
    return new FolderMemory(() => this.#newScratch(), this.#mostNames);
  }

  /** The page that a run counts in: a new one, or the one that an earlier run left. */
  openPage(goesOn: boolean): ProgressPage | undefined {
    if (goesOn) return ProgressPage.open(this.#page);
    return ProgressPage.create(this.#page, this.#mount);
  }

  /** From now on only marks count. */
  forgetPage(): void {
    forgetProgress(this.#page);
  }

  /** Begins anew. */
  clear(): void {
    forgetProgress(this.#page);
    for (const name of [COMPLETE, 'journal', 'journal.new', SIDECAR, TREE, PARTS]) {
      removeAll(`${this.path}/${name.toString()}`);
    }
    makePrivate(this.#folder, cString(TREE));
    writeText(this.#folder, IDENTITY, identityJson(this.#identity));
  }

  openTree(): number {
    return openFolder(this.#folder, cString(TREE));
  }

  sync(): void {
    syncFilesystem(this.#folder);
  }

  /**
   * Everything onto the drive, then under its final name. The folder stays until it is discarded:
   * of several trees in one stream it says that an earlier run was interrupted between two.
   */
  complete(name: Buffer, sidecar: Iterable<string>, { commands }: Progress): void {
    writeLines(this.#folder, SIDECAR, sidecar);
    this.#closeScratch();
    this.sync();
    writeText(this.#folder, COMPLETE, `${name.toString('hex')} ${commands}`);
    this.sync();
    this.moveIntoPlace();
  }

  /** What is complete, under its final name. The tree comes last: what has its name is whole. */
  moveIntoPlace(): void {
    const { name } = completionIn(this.#folder)!;
    refuseName(name);
    this.#move(PARTS, Buffer.concat([name, Buffer.from(PARTS_SUFFIX)]));
    this.#move(Buffer.from(SIDECAR), Buffer.concat([name, Buffer.from(SIDECAR_SUFFIX)]));
    this.#move(TREE, name);
  }

  discard(): void {
    // Filesystems in user space only hide what is removed while it is open.
    this.#closeScratch();
    forgetProgress(this.#page);
    for (const name of namesIn(this.#folder)) {
      removeAll(`${this.path}/${name}`);
    }
    // Somebody else's link of this name is none of ours, and stays.
    libc().unlinkat(this.#directory, cString(this.#name), AT_REMOVEDIR);
    this.sync();
  }

  /** The same after an error, which is what is told: what cannot be removed now stays a leftover. */
  tryToDiscard(): void {
    try {
      this.discard();
    } catch (error) {
      if (!(error instanceof DendroError)) throw error;
    }
  }

  /** Leaves it for the next run. */
  close(): void {
    this.#closeScratch();
    closeFd(this.#folder);
  }

  /** A file without a name, as far as the filesystem can. */
  #newScratch(): number {
    const name = cString(SCRATCH);
    const flags = O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW;
    const fd = openPath(name, flags, 0o600, this.#folder);
    this.#scratch.push(fd);
    libc().unlinkat(this.#folder, name, 0);
    return fd;
  }

  #closeScratch(): void {
    for (const fd of this.#scratch.splice(0)) closeFd(fd);
  }

  #move(from: Buffer, to: Buffer): void {
    if (!exists(this.#folder, from)) return;
    const isTaken = (): never => {
      throw conflict('exists', 'Something of this name has come to the target meanwhile.', {
        hint: 'Move it away and run it again: nothing is lost.',
      });
    };
    if (exists(this.#directory, to)) isTaken();
    const [a, b] = [cString(from), cString(to)];
    const move = (flags: number): number =>
      libc().renameat2(this.#folder, a, this.#directory, b, flags);
    if (move(RENAME_NOREPLACE) >= 0) return;
    // Some filesystems know no such flag.
    if (lastErrno() === ERRNO.EINVAL && move(0) >= 0) return;
    const errno = lastErrno();
    if (errno === ERRNO.EEXIST) isTaken();
    throwErrno(errno, 'move into place', to);
  }
}

/** @throws Io, Denied */
function removeAll(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    throw typedFs(error);
  }
}

/** Who it is of and how far it came; undefined when it says nothing. */
export function readAside(directory: number, key: string): AsideState | undefined {
  const name = ASIDE_PREFIX + key;
  const fd = openFolder(directory, cString(name));
  try {
    const identity = parseIdentity(readText(fd, IDENTITY) ?? '');
    if (identity === undefined || identityKey(identity) !== key) return undefined;
    const beganAtMs = statFd(fd).born.seconds * 1000;
    const complete = completionIn(fd);
    if (complete !== undefined) {
      const progress = { commands: complete.commands, hash: 0 };
      return { identity, progress, isComplete: true, beganAtMs };
    }
    const path = `/proc/self/fd/${fd}`;
    const page = ProgressPage.read(pageKeyOf(directory, name), mountOf(fd));
    const progress = progressIn(path, page?.progress) ?? NOTHING;
    return { identity, progress, isComplete: false, beganAtMs };
  } finally {
    closeFd(fd);
  }
}

/** Where a run can go on: as the page says, or else at a mark. */
function progressIn(path: string, page: Progress | undefined): Progress | undefined {
  if (page !== undefined && page.commands > 1 && hasStateAt(path, page)) return page;
  return progressAtMark(path);
}

/** Undefined while commands are due. */
function completionIn(folder: number): { name: Buffer; commands: number } | undefined {
  const [, name, commands] = COMPLETION.exec(readText(folder, COMPLETE) ?? '') ?? [];
  if (name === undefined) return undefined;
  return { name: Buffer.from(name, 'hex'), commands: Number(commands) };
}

export interface AsideState {
  readonly identity: StreamIdentity;
  /** Where the same stream goes on; 0 commands: it begins anew. */
  readonly progress: Progress;
  readonly isComplete: boolean;
  readonly beganAtMs: number;
}

/** Held while the descriptor is open. @throws Conflict 'busy' */
function lockAside(fd: number): number {
  if (lockUnlessTaken(fd)) return fd;
  closeFd(fd);
  throw conflict('busy', 'Another receive of the same stream is running.', {
    hint: 'Wait until it has ended.',
  });
}

/** Named for the place: inode numbers of filesystems in user space do not last. */
function pageKeyOf(directory: number, name: string): string {
  const path = `${realpathSync(`/proc/self/fd/${directory}`)}/${name}`;
  return `folder-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`;
}
