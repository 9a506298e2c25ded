import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, fsyncSync, openSync, readFileSync, rmdirSync } from 'node:fs';
import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import {
  closeFd,
  cString,
  O_DIRECTORY,
  O_RDONLY,
  openBeneath,
  openPath,
} from '../../linux/files.ts';
import { lockUnlessTaken } from '../../linux/file-lock.ts';
import { ERRNO, throwErrno } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import { joinPath } from '../tree/index.ts';
import type { Loss } from '../sink/loss-report.ts';
import type { DamagedPart, DamageNote } from './damage-list.ts';
import type { FolderAbove } from './folders-above.ts';
import { parentPath } from './destination.ts';
import { dropInherited, openFolder } from '../sink/private-folder.ts';
import { removeTree } from './remove-tree.ts';
import type { Counts } from './report.ts';

/** Folders of a restore that has not come to its end begin so. */
export const STAGING_PREFIX = '.dendro-restore-';
const JOURNAL = 'journal';

/** Where one thing is going: paths below the folder, as text that keeps its bytes. */
export interface PlannedName {
  readonly from: string;
  readonly to: string;
  readonly aside: string | null;
}

/** What the journal says; a line of JSON for each. */
interface Header {
  readonly version: 1;
  readonly bootId: string;
  readonly names: readonly PlannedName[];
  readonly skipped: number;
  /** Folders that were missing above what is restored. */
  readonly madeFolders: readonly FolderAbove[];
}
interface Ready {
  /** Device and inode of each staged thing, null for one that the target refused. */
  readonly identities: readonly (string | null)[];
  readonly counts: Omit<Counts, 'filesLeftOut'> & Partial<Pick<Counts, 'filesLeftOut'>>;
}
/** What is told at the end: see `RestoreReport`. */
type Told = { readonly loss: Loss } | DamageNote;
type Line = Header | Ready | Told;

/** What tells one restore from every other: the same request finds its own leftover. */
export function stagingKey(facts: readonly (string | number | boolean)[]): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}

/**
 * The hidden folders in which a restore is made before any of it is seen: one in each folder
 * that gets something, so that putting it in place is a rename. The one in the destination
 * folder has a journal, which says after kill -9 what was going on.
 */
export class Staging {
  readonly name: string;
  readonly #folder: string;
  /** The same folder, open. */
  readonly #root: number;
  readonly #lock: number;
  readonly #parents = new Set<string>();
  header: Header | undefined;
  ready: Ready | undefined;
  /** What an earlier run has met. */
  losses: readonly Loss[] = [];
  damages: readonly DamagedPart[] = [];
  /** Files of the point that it filled past their damage. */
  patched: readonly string[] = [];

  /** @throws Conflict 'restore-running' when another process is at the same restore. */
  constructor(folder: string, root: number, key: string, bootId: string) {
    this.#folder = folder;
    this.#root = root;
    this.name = `${STAGING_PREFIX}${key}`;
    this.#makeFolder(bytesFromText(this.name));
    const path = this.#absolute(bytesFromText(this.name));
    this.#lock = openPath(cString(path), O_RDONLY | O_DIRECTORY);
    if (!lockUnlessTaken(this.#lock)) {
      closeFd(this.#lock);
      throw running(folder);
    }
    this.#read(bootId);
  }

  /** Begins: from now on the names are decided. */
  begin(header: Omit<Header, 'version'>): void {
    this.header = { version: 1, ...header };
    this.#writeSafely(this.header);
  }

  /** Everything is staged and on the disk: what follows are renames. */
  setReady(ready: Ready): void {
    this.ready = ready;
    this.#writeSafely(ready);
  }

  /** After a power cut nothing of this counts but what was there when all was staged. */
  note(told: Told): void {
    this.#write(told);
  }

  /** Where the thing with this number is made, below the folder. */
  at(index: number): Uint8Array {
    const parent = parentPath(bytesFromText(this.header!.names[index]!.to));
    const folder = joinPath(parent, bytesFromText(this.name));
    const key = textFromBytes(folder);
    if (!this.#parents.has(key)) {
      this.#makeFolder(folder);
      this.#parents.add(key);
    }
    return joinPath(folder, Buffer.from(String(index)));
  }

  /** Where what is made at this path is going to stand: what a person is told of. */
  placeOf(path: Uint8Array): Uint8Array {
    const parts = Buffer.from(path).toString('latin1').split('/');
    const at = parts.indexOf(this.name);
    const name = at < 0 ? undefined : this.header?.names[Number(parts[at + 1])];
    if (name === undefined) return path;
    const below = Buffer.from(parts.slice(at + 2).join('/'), 'latin1');
    return joinPath(bytesFromText(name.to), below);
  }

  /** Removes all that is staged, and the folders, but for the one with the journal. */
  clear(): void {
    for (const { to } of this.header?.names ?? []) {
      const folder = joinPath(parentPath(bytesFromText(to)), bytesFromText(this.name));
      if (textFromBytes(folder) !== this.name) removeTree(this.#absolute(folder));
    }
  }

  /** Removes everything; the journal last. */
  remove(): void {
    this.clear();
    removeTree(this.#absolute(bytesFromText(this.name)));
    this.close();
  }

  close(): void {
    closeFd(this.#lock);
  }

  /** Forgets what an earlier run left; folders that it made above stay. */
  startOver(): void {
    const own = this.#absolute(bytesFromText(this.name));
    for (const [index] of (this.header?.names ?? []).entries()) {
      removeTree(this.#absolute(this.at(index)));
    }
    removeTree(Buffer.concat([own, Buffer.from(`/${JOURNAL}`)]));
    this.header = undefined;
    this.ready = undefined;
    this.losses = this.damages = this.patched = [];
  }

  /** Names are decided by the first whole line; a line cut short by a power cut is none. */
  #read(bootId: string): void {
    const lines = readIfThere(this.#journalPath())
      .split('\n')
      .map((line) => parsed(line))
      .filter((line) => line !== undefined);
    this.header = lines.find((line): line is Header => 'names' in line);
    this.ready = lines.find((line): line is Ready => 'identities' in line);
    this.losses = lines.flatMap((line) => ('loss' in line ? [line.loss] : []));
    this.damages = lines.flatMap((line) => ('damage' in line ? [line.damage] : []));
    this.patched = lines.flatMap((line) => ('patching' in line ? [line.patching] : []));
    // After a power cut a file may have its times and not its bytes.
    const isTrusted = this.header?.bootId === bootId || this.ready !== undefined;
    if (this.header !== undefined && !isTrusted) this.startOver();
  }

  /** Behind an end of line of its own: the last one may have been cut short by a power cut. */
  #write(line: Line): void {
    appendFileSync(this.#journalPath(), `\n${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  #writeSafely(line: Line): void {
    this.#write(line);
    const fd = openSync(this.#journalPath(), 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }

  /** Never through a symbolic link: it could lead anywhere. */
  #makeFolder(path: Uint8Array): void {
    const parent = parentPath(path);
    const above = cString(parent.length === 0 ? '.' : parent);
    const fd = openBeneath(this.#root, above, O_RDONLY | O_DIRECTORY);
    try {
      const name = cString(path.subarray(path.lastIndexOf(0x2f) + 1));
      if (libc().mkdirat(fd, name, 0o700) >= 0) return dropInheritedAt(fd, name);
      if (lastErrno() !== ERRNO.EEXIST) throwErrno(lastErrno(), 'make a folder in', this.#folder);
    } finally {
      closeFd(fd);
    }
  }

  #journalPath(): Buffer {
    return Buffer.concat([this.#absolute(bytesFromText(this.name)), Buffer.from(`/${JOURNAL}`)]);
  }

  #absolute(path: Uint8Array): Buffer {
    return Buffer.from(joinPath(bytesFromText(this.#folder), path));
  }
}

function dropInheritedAt(dir: number, name: Buffer): void {
  const fd = openFolder(dir, name);
  try {
    dropInherited(fd);
  } finally {
    closeFd(fd);
  }
}

function parsed(line: string): Line | undefined {
  try {
    const value = JSON.parse(line) as Line | null;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function readIfThere(path: Buffer): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Removes a folder that a restore has made above its files, if nothing else is in it now. */
export function removeIfEmpty(path: Uint8Array): void {
  try {
    rmdirSync(Buffer.from(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT' && code !== 'EEXIST') throw error;
  }
}

function running(folder: string): Error {
  return conflict(
    'restore-running',
    say`The same restore into "${{ folder: printable(folder) }}" is running.`,
    {
      hint: 'Wait for it to end, or cancel it.',
      place: { path: printable(folder) },
    },
  );
}
