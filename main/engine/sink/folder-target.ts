import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { conflict } from '../../../shared/errors.ts';
import {
  closeFd,
  cString,
  filesystemOf,
  MAGIC,
  O_DIRECTORY,
  O_RDONLY,
  openPath,
  syncFilesystem,
} from '../../linux/files.ts';
import { checked, pathText } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import { ASIDE_IDENTITY, ASIDE_PREFIX, lockAside } from './folder-leftovers.ts';
import type { FolderMemory } from './folder-memory.ts';
import { portableName } from './folder-names.ts';
import { findSidecar, readSidecar, SIDECAR_SUFFIX, writeSidecar } from './folder-sidecar.ts';
import { writeText } from './staging-folder.ts';
import { identityJson, identityKey, type StreamIdentity } from './stream-identity.ts';

/** Filesystems that keep owners, modes, links and any name; all others are asked nothing. */
const POSIX: readonly number[] = [MAGIC.btrfs, MAGIC.ext4, MAGIC.xfs, MAGIC.tmpfs, 0xf2f52010];

/** One tree on its way into a plain folder: made aside, moved into place when it is whole. */
export class FolderTarget {
  /** The new tree's top directory. */
  readonly top: number;
  readonly isPosix: boolean;
  readonly #directory: string;
  readonly #aside: string;
  readonly #lock: number;
  readonly #target: number;
  readonly #identity: StreamIdentity;
  readonly #name: Buffer;

  constructor(directory: string, identity: StreamIdentity) {
    this.#directory = directory;
    this.#identity = identity;
    this.#target = openPath(cString(directory), O_RDONLY | O_DIRECTORY);
    this.isPosix = POSIX.includes(filesystemOf(this.#target).magic);
    this.#name = this.isPosix ? identity.name : portableName(identity.name);
    const taken = [this.#name, this.#sidecar].find((name) => existsSync(this.#at(name)));
    if (taken !== undefined) {
      closeFd(this.#target);
      throw conflict('exists', 'There is already something of this name at the target.', {
        hint: 'Move or delete it, or receive into another folder.',
        place: { path: pathText(taken) },
      });
    }
    this.#aside = `${directory}/${ASIDE_PREFIX}${identityKey(identity)}`;
    try {
      this.#lock = makeAside(this.#aside, identity);
    } catch (error) {
      closeFd(this.#target);
      throw error;
    }
    this.top = openPath(cString(`${this.#aside}/tree`), O_RDONLY | O_DIRECTORY);
  }

  /** The tree that an increment builds on, open, with what is remembered of it. */
  openSource(uuid: Uint8Array, ctransid: number): { top: number; memory: FolderMemory } {
    const found = findSidecar(this.#directory, uuid, ctransid);
    if (found === undefined) {
      throw conflict('parent-missing', 'The tree that this stream builds on is not here.', {
        hint: 'Send a full stream, or receive into the folder that holds it.',
      });
    }
    const top = openPath(cString(this.#at(found.folder)), O_RDONLY | O_DIRECTORY);
    return { top, memory: readSidecar(found.text).memory };
  }

  /** Everything onto the drive, then into place. */
  finish(memory: FolderMemory, counts: Record<string, number>): void {
    writeText(
      this.#target,
      `${this.#asideName}/sidecar`,
      writeSidecar(this.#identity, memory, counts),
    );
    syncFilesystem(this.top);
    this.#move(`${this.#asideName}/tree`, this.#name);
    this.#move(`${this.#asideName}/sidecar`, this.#sidecar);
    this.discard();
    syncFilesystem(this.#target);
  }

  discard(): void {
    rmSync(this.#aside, { recursive: true, force: true });
  }

  close(): void {
    closeFd(this.#lock);
    closeFd(this.top);
    closeFd(this.#target);
  }

  get #sidecar(): Buffer {
    return Buffer.concat([this.#name, Buffer.from(SIDECAR_SUFFIX)]);
  }

  get #asideName(): string {
    return this.#aside.slice(this.#directory.length + 1);
  }

  #move(from: string, to: Buffer): void {
    const result = libc().renameat2(this.#target, cString(from), this.#target, cString(to), 0);
    checked(result, 'move into place', to);
  }

  #at(name: Buffer): Buffer {
    return Buffer.concat([Buffer.from(`${this.#directory}/`), name]);
  }
}

/** An empty place for the tree; what an earlier run left of it goes. Returns the lock on it. */
function makeAside(path: string, identity: StreamIdentity): number {
  if (existsSync(path)) closeFd(lockAside(Buffer.from(path)));
  rmSync(path, { recursive: true, force: true });
  mkdirSync(`${path}/tree`, { recursive: true, mode: 0o700 });
  const lock = lockAside(Buffer.from(path));
  writeFileSync(`${path}/${ASIDE_IDENTITY}`, identityJson(identity), { mode: 0o600 });
  return lock;
}
