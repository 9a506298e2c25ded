import type { Bytes, CommandSink } from '../stream/command-sink.ts';
import { joinNames, latin1 } from './path-names.ts';
import type { FolderStreamSink } from './folder-restore.ts';

/** A receiver takes paths of up to 4,095 bytes; a temporary name or an attribute comes on top. */
const LONGEST = 2800;
const SLASH = 0x2f;
const TOP = Buffer.alloc(0);

export type MovingSink = FolderStreamSink & Pick<CommandSink, 'rename'>;

type Times = readonly [times: Bytes, hasOtime: boolean];

interface Parked {
  readonly path: Buffer;
  readonly name: Buffer;
}

/**
 * The full stream of a tree whose paths are longer than any system call takes: a directory that
 * lies too deep is made at the top under a temporary name, with all below it, and moves to its
 * place at the end, the deepest first. Its flags, which may forbid that, come behind it.
 */
export class ShortPaths<S extends MovingSink = MovingSink> implements FolderStreamSink {
  protected readonly sink: S;
  readonly #isTaken: (name: Buffer) => boolean;
  readonly #parked = new Map<string, Parked>();
  /** How long their paths are, the longest first: with them the nearest above a path is found. */
  #lengths: number[] = [];
  #nextNumber = 1;
  /** Of directories that something moves into at the end, which changes their times. */
  readonly #times = new Map<string, Times | undefined>();
  /** Of directories that move at the end, or that something moves into. */
  readonly #flags = new Map<string, number>();

  /** @param isTaken whether the top directory has something by this name. */
  constructor(sink: S, isTaken: (name: Buffer) => boolean) {
    this.sink = sink;
    this.#isTaken = isTaken;
  }

  subvol(path: Bytes, uuid: Bytes, ctransid: number): void {
    this.sink.subvol(path, uuid, ctransid);
  }
  mkfile(path: Bytes, inode: number): void {
    this.sink.mkfile(this.short(path), inode);
  }
  mkdir(path: Bytes, inode: number): void {
    const short = this.short(path);
    if (short.length <= LONGEST) return this.sink.mkdir(short, inode);
    const name = this.#temporaryName();
    this.#parked.set(latin1(path), { path: Buffer.from(path), name });
    this.#lengths = [...new Set([path.length, ...this.#lengths])].sort((a, b) => b - a);
    this.#times.set(latin1(parentOf(path)), undefined).set('', undefined);
    this.sink.mkdir(name, inode);
  }
  mknod(path: Bytes, inode: number, mode: number, rdev: number): void {
    this.sink.mknod(this.short(path), inode, mode, rdev);
  }
  mkfifo(path: Bytes, inode: number): void {
    this.sink.mkfifo(this.short(path), inode);
  }
  mksock(path: Bytes, inode: number): void {
    this.sink.mksock(this.short(path), inode);
  }
  symlink(path: Bytes, inode: number, target: Bytes): void {
    this.sink.symlink(this.short(path), inode, target);
  }
  link(path: Bytes, existing: Bytes): void {
    this.sink.link(this.short(path), this.short(existing));
  }
  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    this.sink.setXattr(this.short(path), name, value);
  }
  write(path: Bytes, offset: number, data: Bytes): void {
    this.sink.write(this.short(path), offset, data);
  }
  truncate(path: Bytes, size: number): void {
    this.sink.truncate(this.short(path), size);
  }
  chmod(path: Bytes, mode: number): void {
    this.sink.chmod(this.short(path), mode);
  }
  chown(path: Bytes, uid: number, gid: number): void {
    this.sink.chown(this.short(path), uid, gid);
  }
  utimes(path: Bytes, times: Bytes, hasOtime: boolean): void {
    if (this.#times.has(latin1(path))) this.#times.set(latin1(path), [times, hasOtime]);
    this.sink.utimes(this.short(path), times, hasOtime);
  }
  fileattr(path: Bytes, flags: number): void {
    const key = latin1(path);
    if (this.#parked.has(key) || this.#times.has(key)) {
      this.#flags.set(key, flags);
      return;
    }
    this.sink.fileattr(this.short(path), flags);
  }

  end(): void {
    const toCome = new Map<string, number>();
    for (const { path } of this.#parked.values()) {
      const above = latin1(parentOf(path));
      toCome.set(above, (toCome.get(above) ?? 0) + 1);
    }
    for (const [key, { path, name }] of [...this.#parked].reverse()) {
      const above = parentOf(path);
      const to = joinNames([this.short(above), path.subarray(above.length + 1)]);
      this.sink.rename(name, to);
      this.#parked.delete(key);
      this.#flagsAgain(path);
      this.#timesAgain(above);
      const left = toCome.get(latin1(above))! - 1;
      toCome.set(latin1(above), left);
      // One that moves itself has its flags from then on.
      if (left === 0 && above.length > 0 && !this.#parked.has(latin1(above))) {
        this.#flagsAgain(above);
      }
    }
    this.#timesAgain(TOP);
    this.#flagsAgain(TOP);
    this.sink.end();
  }

  #timesAgain(path: Bytes): void {
    const times = this.#times.get(latin1(path));
    if (times !== undefined) this.sink.utimes(this.short(path), ...times);
  }

  #flagsAgain(path: Bytes): void {
    const flags = this.#flags.get(latin1(path));
    if (flags !== undefined) this.sink.fileattr(this.short(path), flags);
  }

  /** The path as it is until the end. */
  protected short(path: Bytes): Bytes {
    if (path.length <= LONGEST || this.#parked.size === 0) return path;
    for (const length of this.#lengths) {
      if (length > path.length || (length < path.length && path[length] !== SLASH)) continue;
      const parked = this.#parked.get(latin1(path.subarray(0, length)));
      if (parked === undefined) continue;
      if (length === path.length) return parked.name;
      return joinNames([parked.name, Buffer.from(path.subarray(length + 1))]);
    }
    return path;
  }

  #temporaryName(): Buffer {
    for (;;) {
      const name = Buffer.from(`deep-${this.#nextNumber}`);
      this.#nextNumber += 1;
      if (!this.#isTaken(name)) return name;
    }
  }
}

function parentOf(path: Bytes): Bytes {
  return path.subarray(0, Math.max(0, path.lastIndexOf(SLASH)));
}
