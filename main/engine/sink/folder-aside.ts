import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { conflict } from '../../../shared/errors.ts';
import {
  AT_FDCWD,
  closeFd,
  cString,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  openPath,
  RENAME_NOREPLACE,
  syncFilesystem,
} from '../../linux/files.ts';
import { lockUnlessTaken } from '../../linux/file-lock.ts';
import { ERRNO, throwErrno } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import { NOTHING, type Progress } from './command-count.ts';
import { stateAt, stateAtMark, type JournalState } from './folder-journal.ts';
import { PARTS_SUFFIX } from './folder-parts.ts';
import { SIDECAR_SUFFIX } from './folder-sidecar.ts';
import { mountOf } from './leftover.ts';
import { forgetProgress, ProgressPage } from './progress-page.ts';
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
const TREE = 'tree';
const PARTS = 'parts';
const SIDECAR = 'sidecar';

export interface FolderState extends JournalState {
  /** More than one of the commands that come may have been applied already. */
  readonly isReplay: boolean;
}

/**
 * The private folder of one stream, for one process at a time:
 *
 *   identity   the stream's first command
 *   tree/      what the commands are applied to
 *   parts/     ends of files that are too large here
 *   journal    see FolderJournal
 *   sidecar    complete   written when all is applied
 */
export class FolderAside {
  readonly path: string;
  readonly #directory: string;
  readonly #identity: StreamIdentity;
  readonly #lock: number;
  readonly #page: string;
  readonly #mount: bigint;

  /** @throws Conflict 'busy' */
  constructor(directory: string, identity: StreamIdentity) {
    this.#directory = directory;
    this.#identity = identity;
    const key = identityKey(identity);
    this.path = `${directory}/${ASIDE_PREFIX}${key}`;
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    this.#lock = lockAside(this.path);
    this.#page = pageKeyOf(this.path);
    this.#mount = mountOf(this.#lock);
  }

  get isComplete(): boolean {
    return existsSync(`${this.path}/${COMPLETE}`);
  }

  get partsFolder(): string {
    return `${this.path}/${PARTS}`;
  }

  /** What an earlier run left that can be gone on with. */
  get left(): FolderState | undefined {
    if (!existsSync(`${this.path}/${TREE}`)) return undefined;
    const page = ProgressPage.read(this.#page, this.#mount);
    const commands = page?.progress.commands ?? 0;
    if (page !== undefined && commands > 1) {
      const state = stateAt(this.path, page.progress);
      if (state !== undefined) return { ...state, isReplay: false };
    }
    const state = stateAtMark(this.path);
    return state === undefined ? undefined : { ...state, isReplay: true };
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
      rmSync(`${this.path}/${name}`, { recursive: true, force: true });
    }
    mkdirSync(`${this.path}/${TREE}`, { mode: 0o700 });
    writeFileSync(`${this.path}/${IDENTITY}`, identityJson(this.#identity), { mode: 0o600 });
  }

  openTree(): number {
    return openPath(cString(`${this.path}/${TREE}`), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  }

  sync(): void {
    syncFilesystem(this.#lock);
  }

  /** Everything onto the drive, then under its final name. */
  complete(name: Buffer, sidecar: string, { commands }: Progress): void {
    writeFileSync(`${this.path}/${SIDECAR}`, sidecar, { mode: 0o600 });
    this.sync();
    writeFileSync(`${this.path}/${COMPLETE}`, `${name.toString('hex')} ${commands}`);
    this.sync();
    this.putInPlace();
  }

  /** The tree comes last: what has its name is whole. */
  putInPlace(): void {
    const [hex] = readFileSync(`${this.path}/${COMPLETE}`, 'utf8').split(' ');
    const name = Buffer.from(hex!, 'hex');
    this.#move(PARTS, Buffer.concat([name, Buffer.from(PARTS_SUFFIX)]));
    this.#move(SIDECAR, Buffer.concat([name, Buffer.from(SIDECAR_SUFFIX)]));
    this.#move(TREE, name);
    this.discard();
  }

  discard(): void {
    forgetProgress(this.#page);
    rmSync(this.path, { recursive: true, force: true });
    this.sync();
  }

  /** Leaves what an earlier run left, and nothing else. */
  closeUnused(): void {
    if (!this.isComplete && this.left === undefined) this.discard();
    this.close();
  }

  /** Leaves it for the next run. */
  close(): void {
    closeFd(this.#lock);
  }

  #move(from: string, to: Buffer): void {
    const source = `${this.path}/${from}`;
    if (!existsSync(source)) return;
    const target = Buffer.concat([Buffer.from(`${this.#directory}/`), to]);
    const isTaken = (): never => {
      throw conflict('exists', 'Something of this name has come to the target meanwhile.', {
        hint: 'Move it away and run it again: nothing is lost.',
      });
    };
    if (existsSync(target)) isTaken();
    const [a, b] = [cString(source), cString(target)];
    if (libc().renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_NOREPLACE) >= 0) return;
    // Some filesystems know no such flag.
    const isUnknown = lastErrno() === ERRNO.EINVAL;
    if (isUnknown && libc().renameat2(AT_FDCWD, a, AT_FDCWD, b, 0) >= 0) return;
    const errno = lastErrno();
    if (errno === ERRNO.EEXIST) isTaken();
    throwErrno(errno, 'move into place', to);
  }
}

/** Who it is of and how far it came; undefined when it says nothing. */
export function readAside(
  directory: string,
  key: string,
): { identity: StreamIdentity; progress: Progress; isComplete: boolean } | undefined {
  const path = `${directory}/${ASIDE_PREFIX}${key}`;
  const identity = parseIdentity(textOf(`${path}/${IDENTITY}`));
  if (identity === undefined || identityKey(identity) !== key) return undefined;
  const complete = textOf(`${path}/${COMPLETE}`);
  if (complete !== '') {
    return {
      identity,
      progress: { commands: Number(complete.split(' ')[1]), hash: 0 },
      isComplete: true,
    };
  }
  const fd = openPath(cString(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    const page = ProgressPage.read(pageKeyOf(path), mountOf(fd));
    const found = page === undefined ? undefined : stateAt(path, page.progress);
    const progress = (found ?? stateAtMark(path))?.progress ?? NOTHING;
    return { identity, progress, isComplete: false };
  } finally {
    closeFd(fd);
  }
}

/** Held while the descriptor is open. @throws Conflict 'busy' */
export function lockAside(path: string): number {
  const fd = openPath(cString(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (lockUnlessTaken(fd)) return fd;
  closeFd(fd);
  throw conflict('busy', 'Another receive of the same stream is running.', {
    hint: 'Wait until it has ended.',
  });
}

/** Named for the place: inode numbers of filesystems in user space do not last. */
function pageKeyOf(path: string): string {
  return `folder-${createHash('sha256').update(realpathSync(path)).digest('hex').slice(0, 16)}`;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
