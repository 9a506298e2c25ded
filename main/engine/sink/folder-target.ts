import { conflict, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import {
  closeFd,
  cString,
  filesystemOf,
  MAGIC,
  O_DIRECTORY,
  O_RDONLY,
  openPath,
} from '../../linux/files.ts';
import { pathText } from '../../linux/libc-error.ts';
import type { Progress } from './command-count.ts';
import { FolderAside } from './folder-aside.ts';
import type { FolderMemory } from './folder-memory.ts';
import { portableName } from './folder-names.ts';
import { FolderParts, PARTS_SUFFIX } from './folder-parts.ts';
import { findSidecar, identityIn, SIDECAR_SUFFIX, sidecarLines } from './folder-sidecar.ts';
import { exists } from './leftover.ts';
import { openFolder } from './private-folder.ts';
import { refuseName } from './snapshot-name.ts';
import { identityKey, type StreamIdentity } from './stream-identity.ts';

/** Filesystems that keep owners, modes, links and any name; all others are asked nothing. */
const POSIX: readonly number[] = [MAGIC.btrfs, MAGIC.ext4, MAGIC.xfs, MAGIC.tmpfs, 0xf2f52010];

const MAX_NAME_UNITS = 255;

/** A tree in a plain folder: open, with what is remembered of it. */
export interface FolderSource {
  readonly top: number;
  readonly memory: FolderMemory;
  readonly parts: FolderParts;
}

/** Where one tree becomes a plain folder: aside first, in place when it is whole. */
export class FolderTarget {
  readonly isPosix: boolean;
  readonly aside: FolderAside;
  /** Open: another folder that comes to its place is nothing to this receive. */
  readonly #directory: number;
  readonly #identity: StreamIdentity;
  readonly #name: Buffer;

  /**
   * @param mostNames see `FolderAside`
   * @throws Corrupt 'stream-malformed' (the name); Denied 'staging-not-ours';
   * Conflict 'name-too-long', 'exists', 'busy'
   */
  constructor(directory: string, identity: StreamIdentity, mostNames?: number) {
    refuseName(identity.name);
    this.#identity = identity;
    this.#directory = openPath(cString(directory), O_RDONLY | O_DIRECTORY);
    try {
      this.isPosix = isPosix(this.#directory);
      this.#name = this.isPosix ? identity.name : portableName(identity.name);
      this.#refuseLong();
      this.aside = new FolderAside(this.#directory, identity, this.isPosix, mostNames);
    } catch (error) {
      closeFd(this.#directory);
      throw error;
    }
    try {
      if (!this.isComplete) this.#refuseExisting();
    } catch (error) {
      this.closeUnused();
      throw error;
    }
  }

  /** An earlier run had applied all of it: what is due is `putInPlace`. */
  get isComplete(): boolean {
    return this.aside.isComplete;
  }

  /** Whether it is of the stream with this first command, which has the same private folder. */
  isOf(identity: StreamIdentity): boolean {
    return identityKey(this.#identity) === identityKey(identity);
  }

  /** Leaves what an earlier run left, and nothing else. */
  closeUnused(): void {
    const { aside } = this;
    try {
      if (!aside.isComplete && !aside.isBegun) aside.tryToDiscard();
    } finally {
      this.close();
    }
  }

  /** Leaves it for the next run. */
  close(): void {
    this.aside.close();
    closeFd(this.#directory);
  }

  /** The tree that an increment builds on. @throws Conflict 'parent-missing' */
  openSource(uuid: Uint8Array, ctransid: number): FolderSource {
    const newMemory = (): FolderMemory => this.aside.newMemory();
    const found = findSidecar(this.#directory, uuid, ctransid, newMemory);
    if (found === undefined) {
      throw conflict('parent-missing', 'The tree that this stream builds on is not here.', {
        hint: 'Send a full stream, or receive into the folder that holds it.',
      });
    }
    const { memory } = found.sidecar;
    const parts = Buffer.concat([found.folder, Buffer.from(PARTS_SUFFIX)]);
    const top = openFolder(this.#directory, cString(found.folder));
    return { top, memory, parts: new FolderParts(this.#directory, parts) };
  }

  /** To be called when it is in place, and nothing has to tell any more that it came to be so. */
  leave(): void {
    try {
      this.aside.discard();
    } finally {
      this.close();
    }
  }

  /** Everything onto the drive, then into place. */
  finish(memory: FolderMemory, counts: Record<string, number>, progress: Progress): void {
    this.aside.complete(this.#name, sidecarLines(this.#identity, memory, counts), progress);
  }

  /**
   * What an earlier run had brought to its end; `leave` is due then. Returns what to tell.
   * @throws Conflict 'exists'; it is closed then, and nothing is lost
   */
  putInPlace(): DendroError {
    try {
      this.aside.moveIntoPlace();
    } catch (error) {
      this.close();
      throw error;
    }
    return conflict(
      'already-received',
      'An earlier run had received all of it; it is in place now.',
    );
  }

  /** Filesystems other than POSIX' count UTF-16 units. */
  #refuseLong(): void {
    const units = this.isPosix ? this.#name.length : this.#name.toString().length;
    if (units + SIDECAR_SUFFIX.length <= MAX_NAME_UNITS) return;
    throw conflict('name-too-long', "The snapshot's name is too long for a plain folder.", {
      hint: say`The file beside it is named like it, with ${{ suffix: SIDECAR_SUFFIX }} behind. Receive it onto a btrfs, or send a snapshot with a shorter name.`,
      place: { path: pathText(this.#name) },
    });
  }

  #refuseExisting(): void {
    const suffixes = ['', SIDECAR_SUFFIX, PARTS_SUFFIX];
    for (const suffix of suffixes) {
      const name = Buffer.concat([this.#name, Buffer.from(suffix)]);
      if (!exists(this.#directory, name)) continue;
      throw conflict('exists', 'There is already something of this name at the target.', {
        hint: 'Move or delete it, or receive into another folder.',
        place: { path: pathText(name) },
      });
    }
  }
}

/** Whether the tree of this very stream is in place, received whole. */
export function isInPlace(directory: string, identity: StreamIdentity): boolean {
  const fd = openPath(cString(directory), O_RDONLY | O_DIRECTORY);
  try {
    const name = isPosix(fd) ? identity.name : portableName(identity.name);
    const found = exists(fd, name) ? identityIn(fd, name) : undefined;
    return found !== undefined && identityKey(found) === identityKey(identity);
  } finally {
    closeFd(fd);
  }
}

/** Of an open folder: whether its filesystem keeps owners, modes, links and any name. */
export function isPosix(directory: number): boolean {
  return POSIX.includes(filesystemOf(directory).magic);
}
