import type { Bytes, CommandSink, EncodedWrite, SectorSums } from '../stream/command-sink.ts';
import { CountingSink } from '../stream/counting.ts';
import type { Protocol } from '../stream/protocol.ts';

export type OnCommand = (path: Bytes) => void;

/**
 * In front of a sink: counts what the stream would be, to the byte, and says after each command
 * where it is.
 */
export class MeteredSink implements CommandSink {
  readonly counts: CountingSink;
  readonly #sink: CommandSink;
  readonly #onCommand: OnCommand;

  constructor(sink: CommandSink, protocol: Protocol, onCommand: OnCommand) {
    this.counts = new CountingSink(protocol);
    this.#sink = sink;
    this.#onCommand = onCommand;
  }

  resume(fromCommand: number): void {
    this.#sink.resume?.(fromCommand);
  }
  subvol(path: Bytes, uuid: Bytes, ctransid: number): void {
    this.counts.subvol(path, uuid);
    this.#sink.subvol(path, uuid, ctransid);
  }
  snapshot(path: Bytes, uuid: Bytes, ctransid: number, parent: Bytes, transid: number): void {
    this.counts.snapshot(path, uuid, ctransid, parent);
    this.#sink.snapshot(path, uuid, ctransid, parent, transid);
  }
  mkfile(path: Bytes, inode: number): void {
    this.counts.mkfile(path);
    this.#sink.mkfile(path, inode);
    this.#onCommand(path);
  }
  mkdir(path: Bytes, inode: number): void {
    this.counts.mkdir(path);
    this.#sink.mkdir(path, inode);
    this.#onCommand(path);
  }
  mknod(path: Bytes, inode: number, mode: number, rdev: number): void {
    this.counts.mknod(path);
    this.#sink.mknod(path, inode, mode, rdev);
    this.#onCommand(path);
  }
  mkfifo(path: Bytes, inode: number): void {
    this.counts.mkfifo(path);
    this.#sink.mkfifo(path, inode);
    this.#onCommand(path);
  }
  mksock(path: Bytes, inode: number): void {
    this.counts.mksock(path);
    this.#sink.mksock(path, inode);
    this.#onCommand(path);
  }
  symlink(path: Bytes, inode: number, target: Bytes): void {
    this.counts.symlink(path, inode, target);
    this.#sink.symlink(path, inode, target);
    this.#onCommand(path);
  }
  rename(from: Bytes, to: Bytes): void {
    this.counts.rename(from, to);
    this.#sink.rename(from, to);
    this.#onCommand(to);
  }
  link(path: Bytes, existing: Bytes): void {
    this.counts.link(path, existing);
    this.#sink.link(path, existing);
    this.#onCommand(path);
  }
  unlink(path: Bytes): void {
    this.counts.unlink(path);
    this.#sink.unlink(path);
    this.#onCommand(path);
  }
  rmdir(path: Bytes): void {
    this.counts.rmdir(path);
    this.#sink.rmdir(path);
    this.#onCommand(path);
  }
  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    this.counts.setXattr(path, name, value);
    this.#sink.setXattr(path, name, value);
  }
  removeXattr(path: Bytes, name: Bytes): void {
    this.counts.removeXattr(path, name);
    this.#sink.removeXattr(path, name);
  }
  write(path: Bytes, offset: number, data: Bytes, sums?: SectorSums): void {
    this.counts.write(path, offset, data);
    this.#sink.write(path, offset, data, sums);
    this.#onCommand(path);
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
    this.counts.clone(path, offset, length, sourceUuid, sourceCtransid, sourcePath);
    this.#sink.clone(path, offset, length, sourceUuid, sourceCtransid, sourcePath, sourceOffset);
    this.#onCommand(path);
  }
  truncate(path: Bytes, size: number): void {
    this.counts.truncate(path);
    this.#sink.truncate(path, size);
  }
  chmod(path: Bytes, mode: number): void {
    this.counts.chmod(path);
    this.#sink.chmod(path, mode);
  }
  chown(path: Bytes, uid: number, gid: number): void {
    this.counts.chown(path);
    this.#sink.chown(path, uid, gid);
  }
  utimes(path: Bytes, times: Bytes, hasOtime: boolean): void {
    this.counts.utimes(path, times, hasOtime);
    this.#sink.utimes(path, times, hasOtime);
    this.#onCommand(path);
  }
  updateExtent(path: Bytes, offset: number, length: number): void {
    this.counts.updateExtent(path);
    this.#sink.updateExtent(path, offset, length);
  }
  encodedWrite(path: Bytes, write: EncodedWrite): void {
    this.counts.encodedWrite(path, write);
    this.#sink.encodedWrite(path, write);
    this.#onCommand(path);
  }
  fallocate(path: Bytes, mode: number, offset: number, length: number): void {
    this.counts.fallocate(path);
    this.#sink.fallocate(path, mode, offset, length);
  }
  fileattr(path: Bytes, flags: number): void {
    this.counts.fileattr(path);
    this.#sink.fileattr(path, flags);
  }
  enableVerity(
    path: Bytes,
    algorithm: number,
    blockSize: number,
    salt: Bytes,
    signature: Bytes,
  ): void {
    this.counts.enableVerity(path, algorithm, blockSize, salt, signature);
    this.#sink.enableVerity(path, algorithm, blockSize, salt, signature);
  }
  end(): void {
    this.counts.end();
    this.#sink.end();
  }
}
