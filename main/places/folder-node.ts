import { readdirSync } from 'node:fs';
import type { EntryType } from '../../shared/model/entry.ts';
import { ConfinedTree, isMissing, Place } from '../engine/sink/confined-tree.ts';
import { timesOf } from '../engine/sink/copy-tree.ts';
import { dataIn, readPlace, type ContentSource } from '../engine/sink/folder-content.ts';
import { FolderMemory, type Entry } from '../engine/sink/folder-memory.ts';
import type { Memo } from '../engine/sink/memo.ts';
import { joinNames } from '../engine/sink/path-names.ts';
import { FolderParts } from '../engine/sink/folder-parts.ts';
import { sidecarBeside } from '../engine/sink/folder-sidecar.ts';
import { trustedHoles } from '../engine/sink/known-holes.ts';
import { ownXattrs } from '../engine/sink/own-xattrs.ts';
import {
  AT_SYMLINK_NOFOLLOW,
  closeFd,
  cString,
  deviceNumber,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  openPath,
  S_IFMT,
  statAt,
  statFd,
  type FileStatus,
} from '../linux/files.ts';
import { checked, typedFs } from '../linux/libc-error.ts';
import { libc } from '../linux/libc.ts';
import { Presence } from '../linux/presence.ts';
import { NOTHING, type PlacedNode, type PlacedTree, type Stretch } from './node.ts';
import { noted, type Note } from '../../shared/said.ts';

const READ_BYTES = 1 << 20;
/** What stat counts blocks in, whatever the filesystem has. */
const SECTOR_BYTES = 512;
const TYPES: Readonly<Record<number, EntryType>> = {
  ...{ 0o010000: 'fifo', 0o020000: 'character', 0o040000: 'directory', 0o060000: 'block' },
  ...{ 0o100000: 'file', 0o120000: 'symlink', 0o140000: 'socket' },
};
/** Readers of a FIFO wait for a writer; nothing but files is opened, and never for long. */
const O_NONBLOCK = 0o4000;

/** A folder on any filesystem, with the sidecar that `receive --plain` left where there is one. */
export class FolderTree implements PlacedTree {
  readonly top: PlacedNode;
  readonly name: string;
  readonly notes: Note[] = [];
  readonly tree: ConfinedTree;
  /** Good until the next one is located. */
  readonly place = new Place();
  readonly parts: FolderParts;
  readonly #memory: FolderMemory;
  readonly #presence: Presence;

  /** @param folder absolute, as bytes. @throws Io, Conflict of the kernel; Corrupt 'sidecar-damaged' */
  constructor(folder: Buffer) {
    const root = openPath(cString(folder), O_RDONLY | O_DIRECTORY);
    this.#presence = new Presence(folder);
    this.tree = new ConfinedTree(root);
    this.parts = FolderParts.beside(folder);
    const sidecar = sidecarBeside(folder);
    this.#memory = sidecar?.memory ?? new FolderMemory();
    this.name = (sidecar?.identity.name ?? folder.subarray(folder.lastIndexOf(0x2f) + 1)).toString(
      'latin1',
    );
    if (sidecar === undefined) {
      this.notes.push(
        noted('folder-as-it-is', 'There is no sidecar beside the folder: it is taken as it is.'),
      );
    }
    const empty = Buffer.alloc(0);
    this.top = new FolderNode(this, empty, this.#memory.top, statFd(root));
  }

  isGone(): boolean {
    return this.#presence.isGone();
  }

  close(): void {
    this.tree.close();
    closeFd(this.tree.root);
  }
}

class FolderNode implements PlacedNode {
  readonly #tree: FolderTree;
  /** Below the folder, as it is on disk. */
  readonly #real: Buffer;
  readonly #entry: Entry | undefined;
  readonly #memo: Memo;
  readonly #status: FileStatus | undefined;
  /** Why there is no status, though the name is there. */
  readonly #failure: unknown;

  constructor(
    tree: FolderTree,
    real: Buffer,
    entry: Entry | undefined,
    status: FileStatus | undefined,
    failure?: unknown,
  ) {
    this.#tree = tree;
    this.#real = real;
    this.#entry = entry;
    this.#memo = entry?.memo ?? {};
    this.#status = status;
    this.#failure = failure;
  }

  get type(): EntryType {
    return TYPES[this.#format] ?? 'file';
  }
  /** Of a folder each time another: the kernel lets none stand in two places. */
  get identity(): unknown {
    const isOwn = this.#memo.isCopied === true || this.type === 'directory';
    if (isOwn || this.#status === undefined) return this.#memo;
    // More than one filesystem, or subvolume, may be mounted below a folder.
    return `${this.#status.device.join(':')} ${this.#status.identity}`;
  }
  get inode(): number {
    return this.#status?.inode ?? 0;
  }
  get links(): number {
    return this.#status?.links ?? 1;
  }
  get sizeBytes(): number {
    return this.type === 'file' ? (this.#memo.large?.size ?? this.#status?.size ?? 0) : 0;
  }
  get dataBytes(): number {
    if (this.#memo.large !== undefined) return this.#dataInParts();
    return Math.min(this.sizeBytes, (this.#status?.blocks ?? 0) * SECTOR_BYTES);
  }
  get mode(): number {
    return (this.#memo.mode ?? this.#status?.mode ?? 0) & 0o7777;
  }
  get uid(): number {
    return this.#memo.uid ?? this.#status?.uid ?? 0;
  }
  get gid(): number {
    return this.#memo.gid ?? this.#status?.gid ?? 0;
  }
  get times(): Buffer | undefined {
    const { times } = this.#memo;
    if (times !== undefined) return Buffer.from(times, 'hex');
    return this.#status && timesOf(this.#status);
  }
  get modified(): PlacedNode['modified'] {
    const { times } = this;
    if (times === undefined) return undefined;
    return { seconds: Number(times.readBigInt64LE(24)), nanoseconds: times.readUInt32LE(32) };
  }
  get rdev(): number {
    const { absent } = this.#memo;
    if (absent?.kind === 'node') return absent.rdev;
    return this.#status === undefined ? 0 : Number(deviceNumber(...this.#status.rdev));
  }
  get flags(): number | undefined {
    return this.#memo.flags;
  }

  get #format(): number {
    const { absent } = this.#memo;
    if (absent?.kind === 'symlink') return 0o120000;
    if (absent?.kind === 'node') return absent.mode & S_IFMT;
    return (this.#status?.mode ?? 0) & S_IFMT;
  }

  target(): Buffer | undefined {
    if (this.type !== 'symlink') return undefined;
    if (this.#memo.absent?.kind === 'symlink') return this.#memo.absent.target;
    const { dir, name } = this.#place();
    const target = Buffer.alloc(4096);
    const length = checked(libc().readlinkat(dir, name, target, target.length), 'read', name);
    return target.subarray(0, length);
  }

  xattrs(): ReadonlyMap<string, Buffer> {
    const found = new Map<string, Buffer>();
    if (this.#memo.absent === undefined && (this.type === 'file' || this.type === 'directory')) {
      const fd = this.#open();
      try {
        for (const [name, value] of ownXattrs(fd)) found.set(name.toString('latin1'), value);
      } finally {
        closeFd(fd);
      }
    }
    for (const [name, value] of this.#memo.xattrs ?? []) found.set(name, value);
    return found;
  }

  children(): ReadonlyMap<string, PlacedNode> {
    if (this.type !== 'directory') return NOTHING;
    const found = new Map<string, PlacedNode>();
    const names = new Map<string, string>();
    for (const [name, child] of this.#entry?.children ?? []) {
      if (child.real !== undefined) names.set(child.real.toString('latin1'), name);
      if (child.memo?.absent === undefined) continue;
      found.set(name, new FolderNode(this.#tree, this.#below(name), child, undefined));
    }
    const fd = this.#tree.tree.directory(this.#real);
    for (const onDisk of namesIn(fd)) {
      const name = names.get(onDisk.toString('latin1')) ?? onDisk.toString('latin1');
      const child = this.#named(fd, onDisk, this.#entry?.children?.get(name));
      if (child !== undefined) found.set(name, child);
    }
    return found;
  }

  /** One whose inode cannot be read is there all the same, and its neighbours with it. */
  #named(fd: number, onDisk: Buffer, entry: Entry | undefined): FolderNode | undefined {
    const real = this.#below(onDisk.toString('latin1'));
    try {
      const status = statAt(fd, cString(onDisk), AT_SYMLINK_NOFOLLOW);
      return new FolderNode(this.#tree, real, entry, status);
    } catch (error) {
      if (isMissing(error)) return undefined;
      return new FolderNode(this.#tree, real, entry, undefined, error);
    }
  }

  child(name: string): PlacedNode | undefined {
    if (this.type !== 'directory') return undefined;
    const entry = this.#entry?.children?.get(name);
    const onDisk = entry?.real?.toString('latin1') ?? name;
    if (entry?.memo?.absent !== undefined) {
      return new FolderNode(this.#tree, this.#below(onDisk), entry, undefined);
    }
    const fd = this.#tree.tree.directory(this.#real);
    try {
      const status = statAt(fd, cString(Buffer.from(onDisk, 'latin1')), AT_SYMLINK_NOFOLLOW);
      return new FolderNode(this.#tree, this.#below(onDisk), entry, status);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  *read(from = 0, length = Number.MAX_SAFE_INTEGER): Generator<Stretch> {
    if (this.#failure !== undefined) throw this.#failure;
    const end = Math.min(this.sizeBytes, from + length);
    const fd = this.#open();
    const source = this.#source(fd);
    // of most files a few KiB: a large buffer for each costs more than reading them
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(end - from, 1)));
    try {
      for (const { offset, length: bytes, ...place } of dataIn(source, from, end - from)) {
        for (let done = 0; done < bytes;) {
          const want = Math.min(buffer.length, bytes - done);
          const count = readPlace(source, place, done, buffer, want, this.#real);
          if (count === 0) break;
          yield { offset: offset + done, data: buffer.subarray(0, count) };
          done += count;
        }
      }
    } finally {
      closeFd(fd);
    }
  }

  #dataInParts(): number {
    const fd = this.#open();
    try {
      const source = this.#source(fd);
      let sum = 0;
      for (const { length } of dataIn(source, 0, this.sizeBytes)) sum += length;
      return sum;
    } finally {
      closeFd(fd);
    }
  }

  #source(fd: number): ContentSource {
    const holes = this.#status === undefined ? [] : trustedHoles(this.#memo, this.#status);
    return { fd, large: this.#memo.large, parts: this.#tree.parts, holes };
  }

  #below(name: string): Buffer {
    const bytes = Buffer.from(name, 'latin1');
    return this.#real.length === 0 ? bytes : joinNames([this.#real, bytes]);
  }

  #open(): number {
    if (this.#real.length === 0) return openPath(cString('.'), O_RDONLY, 0, this.#tree.tree.root);
    const { dir, name } = this.#place();
    const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    return checked(libc().openat(dir, name, flags, 0), 'open', name);
  }

  #place(): Place {
    const { tree, place } = this.#tree;
    tree.locate(this.#real, place);
    return place;
  }
}

/** @throws SystemError */
function namesIn(fd: number): Buffer[] {
  try {
    return readdirSync(`/proc/self/fd/${fd}`, 'buffer');
  } catch (error) {
    throw typedFs(error);
  }
}
