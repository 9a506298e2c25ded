import { readdirSync } from 'node:fs';
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
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
  statAt,
  type FileStatus,
} from '../../linux/files.ts';
import { checked } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import { runSteps, type Steps } from './steps.ts';
import { takeAccess } from './with-access.ts';
import { ownXattrs } from './own-xattrs.ts';
import type { CommandSink } from '../stream/command-sink.ts';
import { ShortPaths, type MovingSink } from './short-paths.ts';
import { ConfinedTree, Place } from './confined-tree.ts';
import { timesOf } from './copy-tree.ts';
import { dataIn, readPlace, type ContentSource } from './folder-content.ts';
import { FolderParts, type Piece } from './folder-parts.ts';
import type { Entry, FolderMemory } from './folder-memory.ts';
import type { Memo } from './memo.ts';
import { joinNames } from './path-names.ts';
import { trustedHoles } from './known-holes.ts';
import { sidecarOf, type Sidecar } from './folder-sidecar.ts';

const TOP = Buffer.alloc(0);
const WRITE_BYTES = 48 * 1024;

/** What the full stream of a folder is made of: everything at its final place, data in order. */
export type FolderStreamSink = Pick<
  CommandSink,
  | ('subvol' | 'mkfile' | 'mkdir' | 'mknod' | 'mkfifo' | 'mksock' | 'symlink' | 'link')
  | ('setXattr' | 'write' | 'truncate' | 'chmod' | 'chown' | 'utimes' | 'fileattr' | 'end')
>;

/**
 * Sends a folder that `FolderSink` made as a full stream, with all that its sidecar kept: onto
 * btrfs it becomes the snapshot that it was. The sink may be a receiver or an encoder.
 * @param folder text that stands for the path's bytes, see `textFromBytes`.
 * @param sink or what makes one, told whether there are inode flags to send, which a stream of
 * version 1 has no command for.
 *
 * @throws Conflict `no-sidecar`: the folder is no received snapshot.
 */
export function sendFolder(
  folder: string,
  sink: MovingSink | ((hasFlags: boolean) => MovingSink),
): void {
  openFolder(folder, (opened) => {
    const { flags } = opened.sidecar.memory.has;
    const made = typeof sink === 'function' ? sink(flags) : sink;
    tell(opened, new ShortPaths(made, (name) => isInTop(opened, name)));
  });
}

/** The same for who looks only: every path is the final one, however long it is. */
export function tellFolder(folder: string, sink: FolderStreamSink): void {
  openFolder(folder, (opened) => tell(opened, sink));
}

interface OpenFolder {
  readonly tree: ConfinedTree;
  readonly sidecar: Sidecar;
  readonly parts: FolderParts;
}

function openFolder(folder: string, body: (opened: OpenFolder) => void): void {
  const sidecar = sidecarOf(folder);
  const top = openPath(cString(bytesFromText(folder)), O_RDONLY | O_DIRECTORY);
  const tree = new ConfinedTree(top);
  try {
    body({ tree, sidecar, parts: FolderParts.beside(bytesFromText(folder)) });
  } finally {
    tree.close();
    closeFd(top);
  }
}

function tell({ tree, sidecar, parts }: OpenFolder, sink: FolderStreamSink): void {
  const { identity, memory } = sidecar;
  sink.subvol(identity.name, identity.uuid, identity.ctransid);
  new FolderSender(tree, memory, parts, sink).run();
  sink.end();
}

function isInTop({ tree, sidecar }: OpenFolder, name: Buffer): boolean {
  if (sidecar.memory.find(name) !== undefined) return true;
  return readdirSync(`/proc/self/fd/${tree.root}`, 'buffer').some((one) => one.equals(name));
}

class FolderSender {
  readonly #tree: ConfinedTree;
  readonly #memory: FolderMemory;
  readonly #parts: FolderParts;
  readonly #sink: FolderStreamSink;
  readonly #place = new Place();
  readonly #first = new Map<number | bigint | Memo, Buffer>();
  readonly #data = Buffer.allocUnsafeSlow(WRITE_BYTES);
  /** Times of directories, due when nothing changes in them any more. */
  readonly #late: (() => void)[] = [];
  #memoOfInode = new Map<number | bigint, Memo>();

  constructor(
    tree: ConfinedTree,
    memory: FolderMemory,
    parts: FolderParts,
    sink: FolderStreamSink,
  ) {
    this.#tree = tree;
    this.#memory = memory;
    this.#parts = parts;
    this.#sink = sink;
  }

  run(): void {
    this.#gatherLinked();
    runSteps(this.#directory(TOP, TOP, this.#memory.top));
    const status = statAt(this.#tree.root, cString('.'), 0);
    this.#attributes(TOP, TOP, status, this.#memory.top.memo ?? {});
    for (const apply of this.#late.reverse()) apply();
  }

  /** What was said under one name of an inode holds for all of them. */
  #gatherLinked(): void {
    for (const { path, entry } of this.#memory.walk()) {
      if (entry.memo === undefined || entry.memo.absent !== undefined || path.length === 0)
        continue;
      this.#tree.locate(this.#memory.real(path), this.#place);
      const { dir, name } = this.#place;
      const known = statAt(dir, name, AT_SYMLINK_NOFOLLOW);
      if (known.links > 1) this.#memoOfInode.set(known.identity, { ...entry.memo });
    }
  }

  /** `path` is the stream's, `real` the one on disk. */
  *#directory(path: Buffer, real: Buffer, entry: Entry | undefined): Steps {
    const names = new Map<string, Buffer>();
    for (const [name, child] of entry?.children ?? []) {
      const below = joined(path, Buffer.from(name, 'latin1'));
      if (child.real !== undefined) names.set(child.real.toString('latin1'), below);
      if (child.memo?.absent !== undefined) this.#absent(below, child.memo);
    }
    const fd = this.#tree.directory(real);
    for (const name of readdirSync(`/proc/self/fd/${fd}`, 'buffer')) {
      const below = names.get(name.toString('latin1')) ?? joined(path, name);
      yield this.#entry(below, joined(real, name));
    }
  }

  *#entry(path: Buffer, real: Buffer): Steps {
    this.#tree.locate(real, this.#place);
    const status = statAt(this.#place.dir, this.#place.name, AT_SYMLINK_NOFOLLOW);
    const entry = this.#memory.find(path);
    const memo = entry?.memo ?? this.#memoOfInode.get(status.identity) ?? {};
    const type = status.mode & S_IFMT;
    const key = memo.isCopied === true ? memo : status.identity;
    const known = this.#first.get(key);
    const isLinked = type !== S_IFDIR && (memo.isCopied === true || status.links > 1);
    if (isLinked && known !== undefined) return this.#sink.link(path, known);
    if (isLinked) this.#first.set(key, path);
    this.#make(path, type, status);
    const giveBack = takeAccess(this.#tree, real, status);
    try {
      if (type === S_IFREG) this.#content(path, real, status, memo);
      if (type === S_IFDIR) yield this.#directory(path, real, entry);
      this.#attributes(path, real, status, memo);
    } finally {
      giveBack();
    }
  }

  #make(path: Buffer, type: number, status: FileStatus): void {
    const { inode } = status;
    if (type === S_IFREG) return this.#sink.mkfile(path, inode);
    if (type === S_IFDIR) return this.#sink.mkdir(path, inode);
    if (type === S_IFIFO) return this.#sink.mkfifo(path, inode);
    if (type === S_IFSOCK) return this.#sink.mksock(path, inode);
    if (type === S_IFLNK) return this.#sink.symlink(path, inode, this.#target());
    this.#sink.mknod(path, inode, status.mode, Number(deviceNumber(...status.rdev)));
  }

  #absent(path: Buffer, memo: Memo): void {
    const { absent, times } = memo;
    const known = this.#first.get(memo);
    if (known !== undefined) return this.#sink.link(path, known);
    this.#first.set(memo, path);
    if (absent?.kind === 'symlink') this.#sink.symlink(path, 0, absent.target);
    else if (absent?.kind === 'node') this.#node(path, absent.mode, absent.rdev);
    this.#sink.chown(path, memo.uid ?? 0, memo.gid ?? 0);
    for (const [name, value] of memo.xattrs ?? []) {
      this.#sink.setXattr(path, Buffer.from(name, 'latin1'), value);
    }
    if (memo.mode !== undefined && absent?.kind !== 'symlink') this.#sink.chmod(path, memo.mode);
    if (times !== undefined) this.#sink.utimes(path, Buffer.from(times, 'hex'), true);
  }

  #node(path: Buffer, mode: number, rdev: number): void {
    const type = mode & S_IFMT;
    if (type === S_IFIFO) this.#sink.mkfifo(path, 0);
    else if (type === S_IFSOCK) this.#sink.mksock(path, 0);
    else this.#sink.mknod(path, 0, mode, rdev);
  }

  #target(): Buffer {
    const target = Buffer.alloc(4096);
    const { dir, name } = this.#place;
    const length = libc().readlinkat(dir, name, target, target.length);
    return target.subarray(0, checked(length, 'read', name));
  }

  /** Data as data, holes as holes. nodatacow takes effect on an empty file only. */
  #content(path: Buffer, real: Buffer, status: FileStatus, memo: Memo): void {
    const { flags = 0, large } = memo;
    if (flags !== 0) this.#sink.fileattr(path, flags & ~0xc0);
    const size = large?.size ?? status.size;
    const holes = trustedHoles(memo, status);
    const source = { fd: this.#open(real), large, parts: this.#parts, holes };
    try {
      for (const range of dataIn(source, 0, size)) this.#writeRange(path, source, range);
    } finally {
      closeFd(source.fd);
    }
    this.#sink.truncate(path, size);
  }

  #writeRange(path: Buffer, source: ContentSource, { length, offset, ...place }: Piece): void {
    for (let done = 0; done < length;) {
      const want = Math.min(length - done, WRITE_BYTES);
      const count = readPlace(source, place, done, this.#data, want, path);
      if (count === 0) return;
      this.#sink.write(path, offset + done, this.#data.subarray(0, count));
      done += count;
    }
  }

  #attributes(path: Buffer, real: Buffer, status: FileStatus, memo: Memo): void {
    const type = status.mode & S_IFMT;
    this.#sink.chown(path, memo.uid ?? status.uid, memo.gid ?? status.gid);
    if (type === S_IFREG || type === S_IFDIR) this.#xattrs(path, real);
    for (const [name, value] of memo.xattrs ?? []) {
      this.#sink.setXattr(path, Buffer.from(name, 'latin1'), value);
    }
    if (type !== S_IFLNK) this.#sink.chmod(path, (memo.mode ?? status.mode) & 0o7777);
    const times = memo.times === undefined ? timesOf(status) : Buffer.from(memo.times, 'hex');
    const { flags } = memo;
    const last = (): void => {
      this.#sink.utimes(path, times, true);
      if (flags !== undefined) this.#sink.fileattr(path, flags);
    };
    if (type === S_IFDIR) this.#late.push(last);
    else last();
  }

  #xattrs(path: Buffer, real: Buffer): void {
    const fd = real.length === 0 ? this.#tree.root : this.#open(real);
    try {
      for (const [name, value] of ownXattrs(fd)) this.#sink.setXattr(path, name, value);
    } finally {
      if (real.length > 0) closeFd(fd);
    }
  }

  #open(real: Buffer): number {
    this.#tree.locate(real, this.#place);
    const { dir, name } = this.#place;
    return checked(libc().openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0), 'open', real);
  }
}

function joined(path: Buffer, name: Buffer): Buffer {
  return path.length === 0 ? name : joinNames([path, name]);
}
