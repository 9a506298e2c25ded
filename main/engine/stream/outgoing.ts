import type { Bytes, CommandSink, EncodedWrite, SectorSums } from './command-sink.ts';
import type { LengthSink } from './counting.ts';

export interface OutgoingHooks {
  /** Raised by another thread: `check` throws `Cancelled`. */
  readonly cancel?: { check(): void };
  /** Called now and then, and at the end. */
  readonly onProgress?: (progress: SendProgress) => void;
}

export interface SendProgress {
  /** Commands so far, those left out by a resume included. */
  readonly commands: number;
  /** What is through but for folders, those left out by a resume included. */
  readonly files: number;
  /** Of these: left out by a resume. */
  readonly filesPassed: number;
  /** Bytes of file data given to the sink so far. */
  readonly dataBytes: number;
  /** The inode that is being sent. */
  readonly inode: number;
}

/** Between two looks at the cancel flag. */
const COMMANDS_PER_LOOK = 256;
const BYTES_PER_LOOK = 4 * 1024 * 1024;

/**
 * In front of the sink: numbers the commands, leaves out those before `resumeFrom` but for the
 * first, and spares the data of commands that nobody looks at.
 */
export class Outgoing implements CommandSink {
  readonly #sink: CommandSink;
  readonly #lengths: LengthSink | undefined;
  readonly #hooks: OutgoingHooks;
  readonly #resumeFrom: number;
  commands = 0;
  files = 0;
  filesPassed = 0;
  dataBytes = 0;
  inode = 0;
  #nextLook = 0;
  #lookBytes = 0;

  constructor(sink: CommandSink & Partial<LengthSink>, hooks: OutgoingHooks, resumeFrom: number) {
    this.#sink = sink;
    this.#lengths = sink.writeLength === undefined ? undefined : (sink as CommandSink & LengthSink);
    this.#hooks = hooks;
    this.#resumeFrom = resumeFrom;
  }

  /** Whether the next command's data will be looked at; else only its length counts. */
  get wantsData(): boolean {
    return this.#lengths === undefined && this.commands >= this.#resumeFrom;
  }

  report(): void {
    const { commands, files, filesPassed, dataBytes, inode } = this;
    this.#hooks.onProgress?.({ commands, files, filesPassed, dataBytes, inode });
  }

  subvol(path: Bytes, uuid: Bytes, ctransid: number): void {
    this.commands++;
    this.#sink.subvol(path, uuid, ctransid);
  }
  snapshot(path: Bytes, uuid: Bytes, ctransid: number, parent: Bytes, parentTransid: number): void {
    this.commands++;
    this.#sink.snapshot(path, uuid, ctransid, parent, parentTransid);
  }
  mkfile(path: Bytes, inode: number): void {
    if (this.#goes()) this.#sink.mkfile(path, inode);
  }
  mkdir(path: Bytes, inode: number): void {
    if (this.#goes()) this.#sink.mkdir(path, inode);
  }
  mknod(path: Bytes, inode: number, mode: number, rdev: number): void {
    if (this.#goes()) this.#sink.mknod(path, inode, mode, rdev);
  }
  mkfifo(path: Bytes, inode: number): void {
    if (this.#goes()) this.#sink.mkfifo(path, inode);
  }
  mksock(path: Bytes, inode: number): void {
    if (this.#goes()) this.#sink.mksock(path, inode);
  }
  symlink(path: Bytes, inode: number, target: Bytes): void {
    if (this.#goes()) this.#sink.symlink(path, inode, target);
  }
  rename(from: Bytes, to: Bytes): void {
    if (this.#goes()) this.#sink.rename(from, to);
  }
  link(path: Bytes, existing: Bytes): void {
    if (this.#goes()) this.#sink.link(path, existing);
  }
  unlink(path: Bytes): void {
    if (this.#goes()) this.#sink.unlink(path);
  }
  rmdir(path: Bytes): void {
    if (this.#goes()) this.#sink.rmdir(path);
  }
  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    if (this.#goes()) this.#sink.setXattr(path, name, value);
  }
  removeXattr(path: Bytes, name: Bytes): void {
    if (this.#goes()) this.#sink.removeXattr(path, name);
  }
  write(path: Bytes, offset: number, data: Bytes, sums?: SectorSums): void {
    if (!this.#goes()) return;
    this.#count(data.length);
    this.#sink.write(path, offset, data, sums);
  }
  /** Instead of `write` when `wantsData` is false. */
  writeLength(path: Bytes, offset: number, length: number): void {
    if (this.#goes()) this.#lengths!.writeLength(path, offset, length);
  }
  clone(
    path: Bytes,
    offset: number,
    length: number,
    sourceUuid: Bytes,
    sourceCtransid: number,
    sourcePath: Bytes,
    sourceOffset: number,
  ): void {
    if (!this.#goes()) return;
    this.#sink.clone(path, offset, length, sourceUuid, sourceCtransid, sourcePath, sourceOffset);
  }
  truncate(path: Bytes, size: number): void {
    if (this.#goes()) this.#sink.truncate(path, size);
  }
  chmod(path: Bytes, mode: number): void {
    if (this.#goes()) this.#sink.chmod(path, mode);
  }
  chown(path: Bytes, uid: number, gid: number): void {
    if (this.#goes()) this.#sink.chown(path, uid, gid);
  }
  utimes(path: Bytes, times: Bytes, hasOtime: boolean): void {
    if (this.#goes()) this.#sink.utimes(path, times, hasOtime);
  }
  updateExtent(path: Bytes, offset: number, length: number): void {
    if (this.#goes()) this.#sink.updateExtent(path, offset, length);
  }
  encodedWrite(path: Bytes, write: EncodedWrite): void {
    if (!this.#goes()) return;
    this.#count(write.data.length);
    this.#sink.encodedWrite(path, write);
  }
  /** Instead of `encodedWrite` when `wantsData` is false. */
  encodedLength(path: Bytes, write: EncodedWrite, dataLength: number): void {
    if (this.#goes()) this.#lengths!.encodedLength(path, write, dataLength);
  }
  fallocate(path: Bytes, mode: number, offset: number, length: number): void {
    if (this.#goes()) this.#sink.fallocate(path, mode, offset, length);
  }
  fileattr(path: Bytes, flags: number): void {
    // Bits are taken out as of a signed number.
    if (this.#goes()) this.#sink.fileattr(path, flags >>> 0);
  }
  enableVerity(
    path: Bytes,
    algorithm: number,
    blockSize: number,
    salt: Bytes,
    signature: Bytes,
  ): void {
    if (this.#goes()) this.#sink.enableVerity(path, algorithm, blockSize, salt, signature);
  }
  end(): void {
    if (this.#goes()) this.#sink.end();
    this.report();
  }

  /** Something that is no folder is through. */
  fileDone(): void {
    this.files++;
    if (this.commands <= this.#resumeFrom) this.filesPassed++;
  }

  /** Counts the command; false: it is before the place to resume from. */
  #goes(): boolean {
    const index = this.commands++;
    if (index >= this.#nextLook || this.dataBytes >= this.#lookBytes) this.#look();
    return index >= this.#resumeFrom;
  }

  #look(): void {
    this.#nextLook = this.commands + COMMANDS_PER_LOOK;
    this.#lookBytes = this.dataBytes + BYTES_PER_LOOK;
    this.#hooks.cancel?.check();
    this.report();
  }

  #count(length: number): void {
    this.dataBytes += length;
  }
}
