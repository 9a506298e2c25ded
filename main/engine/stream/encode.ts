import { assert } from '../../../shared/errors.ts';
import type { Bytes, CommandSink, EncodedWrite, SectorSums } from './command-sink.ts';
import { appendSectors, streamChecksum } from './crc.ts';
import { CHECKSUM_DUE } from './due-checksums.ts';
import { OutputBuffer, type Drain } from './output.ts';
import {
  ATTRIBUTE as A,
  COMMAND as C,
  COMMAND_HEADER_SIZE,
  STREAM_HEADER_SIZE,
  STREAM_MAGIC,
  type Protocol,
} from './protocol.ts';

const HIGH = 0x1_0000_0000;
/** Room for every field of a command that is not a path, a value or data. */
const FIELDS = 256;

export interface EncoderOptions {
  readonly protocol: Protocol;
  /** The stream header before the first command; false for the second stream of several. */
  readonly header?: boolean;
  /** Of what is handed over at a time, but for commands that are longer. Default: 512 KiB. */
  readonly bufferBytes?: number;
}

/**
 * Writes commands as a send stream (`protocol.ts`), batched in one large buffer.
 * `end()` flushes; `flush()` may be called at any command's end.
 */
export class StreamEncoder implements CommandSink {
  readonly #out: OutputBuffer;
  readonly #protocol: Protocol;
  #start = 0;
  #resumeFrom = 0;

  constructor(drain: Drain, options: EncoderOptions) {
    this.#out = new OutputBuffer(drain, options.bufferBytes);
    this.#protocol = options.protocol;
    if (options.header !== false) this.#header();
  }

  /** Bytes of the stream so far. */
  get length(): number {
    return this.#out.drained + this.#out.at;
  }

  flush(): void {
    this.#out.flush();
  }

  resume(fromCommand: number): void {
    this.#resumeFrom = fromCommand;
  }

  subvol(path: Bytes, uuid: Bytes, ctransid: number): void {
    this.#begin(path.length + uuid.length);
    this.#bytes(A.path, path);
    this.#bytes(A.uuid, uuid);
    this.#u64(A.ctransid, ctransid);
    this.#finishFirst(C.subvol);
  }

  snapshot(path: Bytes, uuid: Bytes, ctransid: number, parent: Bytes, parentTransid: number): void {
    this.#begin(path.length + uuid.length + parent.length);
    this.#bytes(A.path, path);
    this.#bytes(A.uuid, uuid);
    this.#u64(A.ctransid, ctransid);
    this.#bytes(A.cloneUuid, parent);
    this.#u64(A.cloneCtransid, parentTransid);
    this.#finishFirst(C.snapshot);
  }

  mkfile(path: Bytes, inode: number): void {
    this.#make(C.mkfile, path, inode);
  }

  mkdir(path: Bytes, inode: number): void {
    this.#make(C.mkdir, path, inode);
  }

  mknod(path: Bytes, inode: number, mode: number, rdev: number): void {
    this.#begin(path.length);
    this.#bytes(A.path, path);
    this.#u64(A.inode, inode);
    this.#u64(A.rdev, rdev);
    this.#u64(A.mode, mode);
    this.#finish(C.mknod);
  }

  mkfifo(path: Bytes, inode: number): void {
    this.#make(C.mkfifo, path, inode);
  }

  mksock(path: Bytes, inode: number): void {
    this.#make(C.mksock, path, inode);
  }

  symlink(path: Bytes, inode: number, target: Bytes): void {
    this.#begin(path.length + target.length);
    this.#bytes(A.path, path);
    this.#u64(A.inode, inode);
    this.#bytes(A.pathLink, target);
    this.#finish(C.symlink);
  }

  rename(from: Bytes, to: Bytes): void {
    this.#two(C.rename, A.path, from, A.pathTo, to);
  }

  link(path: Bytes, existing: Bytes): void {
    this.#two(C.link, A.path, path, A.pathLink, existing);
  }

  unlink(path: Bytes): void {
    this.#one(C.unlink, path);
  }

  rmdir(path: Bytes): void {
    this.#one(C.rmdir, path);
  }

  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    this.#begin(path.length + name.length + value.length);
    this.#bytes(A.path, path);
    this.#bytes(A.xattrName, name);
    this.#bytes(A.xattrData, value);
    this.#finish(C.setXattr);
  }

  removeXattr(path: Bytes, name: Bytes): void {
    this.#two(C.removeXattr, A.path, path, A.xattrName, name);
  }

  write(path: Bytes, offset: number, data: Bytes, sums?: SectorSums): void {
    this.#begin(path.length + data.length);
    this.#bytes(A.path, path);
    this.#u64(A.fileOffset, offset);
    this.#data(data);
    this.#finish(C.write, sums && { sums, bytes: data.length });
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
    this.#begin(path.length + sourceUuid.length + sourcePath.length);
    this.#u64(A.fileOffset, offset);
    this.#u64(A.cloneLength, length);
    this.#bytes(A.path, path);
    this.#bytes(A.cloneUuid, sourceUuid);
    this.#u64(A.cloneCtransid, sourceCtransid);
    this.#bytes(A.clonePath, sourcePath);
    this.#u64(A.cloneOffset, sourceOffset);
    this.#finish(C.clone);
  }

  truncate(path: Bytes, size: number): void {
    this.#begin(path.length);
    this.#bytes(A.path, path);
    this.#u64(A.size, size);
    this.#finish(C.truncate);
  }

  chmod(path: Bytes, mode: number): void {
    this.#begin(path.length);
    this.#bytes(A.path, path);
    this.#u64(A.mode, mode);
    this.#finish(C.chmod);
  }

  chown(path: Bytes, uid: number, gid: number): void {
    this.#begin(path.length);
    this.#bytes(A.path, path);
    this.#u64(A.uid, uid);
    this.#u64(A.gid, gid);
    this.#finish(C.chown);
  }

  utimes(path: Bytes, times: Bytes, hasOtime: boolean): void {
    this.#begin(path.length);
    this.#bytes(A.path, path);
    this.#time(A.atime, times, 0);
    this.#time(A.mtime, times, 24);
    this.#time(A.ctime, times, 12);
    if (hasOtime) this.#time(A.otime, times, 36);
    this.#finish(C.utimes);
  }

  updateExtent(path: Bytes, offset: number, length: number): void {
    this.#begin(path.length);
    this.#bytes(A.path, path);
    this.#u64(A.fileOffset, offset);
    this.#u64(A.size, length);
    this.#finish(C.updateExtent);
  }

  encodedWrite(path: Bytes, write: EncodedWrite): void {
    this.#begin(path.length + write.data.length);
    this.#bytes(A.path, path);
    this.#u64(A.fileOffset, write.offset);
    this.#u64(A.unencodedFileLength, write.unencodedFileLength);
    this.#u64(A.unencodedLength, write.unencodedLength);
    this.#u64(A.unencodedOffset, write.unencodedOffset);
    this.#u32(A.compression, write.compression);
    this.#u32(A.encryption, write.encryption);
    this.#data(write.data);
    this.#finish(C.encodedWrite);
  }

  fallocate(path: Bytes, mode: number, offset: number, length: number): void {
    this.#begin(path.length);
    this.#bytes(A.path, path);
    this.#u32(A.fallocateMode, mode);
    this.#u64(A.fileOffset, offset);
    this.#u64(A.size, length);
    this.#finish(C.fallocate);
  }

  fileattr(path: Bytes, flags: number): void {
    this.#begin(path.length);
    this.#bytes(A.path, path);
    this.#u64(A.fileattr, flags);
    this.#finish(C.fileattr);
  }

  enableVerity(
    path: Bytes,
    algorithm: number,
    blockSize: number,
    salt: Bytes,
    signature: Bytes,
  ): void {
    this.#begin(path.length + salt.length + signature.length);
    this.#bytes(A.path, path);
    this.#attribute(A.verityAlgorithm, 1);
    this.#out.bytes[this.#out.at++] = algorithm;
    this.#u32(A.verityBlockSize, blockSize);
    this.#bytes(A.veritySalt, salt);
    this.#bytes(A.veritySignature, signature);
    this.#finish(C.enableVerity);
  }

  end(): void {
    this.#begin(0);
    this.#finish(C.end);
    this.#out.flush();
  }

  #header(): void {
    const out = this.#out;
    out.room(STREAM_HEADER_SIZE);
    out.bytes.set(STREAM_MAGIC, out.at);
    out.view.setUint32(out.at + STREAM_MAGIC.length, this.#protocol, true);
    out.at += STREAM_HEADER_SIZE;
  }

  #make(command: number, path: Bytes, inode: number): void {
    this.#begin(path.length);
    this.#bytes(A.path, path);
    this.#u64(A.inode, inode);
    this.#finish(command);
  }

  #one(command: number, path: Bytes): void {
    this.#begin(path.length);
    this.#bytes(A.path, path);
    this.#finish(command);
  }

  #two(command: number, firstType: number, first: Bytes, secondType: number, second: Bytes): void {
    this.#begin(first.length + second.length);
    this.#bytes(firstType, first);
    this.#bytes(secondType, second);
    this.#finish(command);
  }

  #begin(variable: number): void {
    const out = this.#out;
    out.room(variable + FIELDS);
    this.#start = out.at;
    out.at += COMMAND_HEADER_SIZE;
  }

  #finishFirst(command: number): void {
    if (this.#resumeFrom > 0) this.#u64(A.resumeFrom, this.#resumeFrom);
    this.#resumeFrom = 0;
    this.#finish(command);
  }

  /** @param tail the end of the command whose checksums are known: they are not computed again. */
  #finish(command: number, tail?: { readonly sums: SectorSums; readonly bytes: number }): void {
    const { view, bytes, at, isChecksummedLater } = this.#out;
    const start = this.#start;
    const isLater = isChecksummedLater && tail === undefined;
    view.setUint32(start, at - start - COMMAND_HEADER_SIZE, true);
    view.setUint16(start + 4, isLater ? command | CHECKSUM_DUE : command, true);
    view.setUint32(start + 6, 0, true);
    if (isLater) return;
    let checksum = streamChecksum(bytes, start, at - (tail?.bytes ?? 0));
    if (tail !== undefined) checksum = appendSectors(checksum, tail.sums, tail.bytes);
    view.setInt32(start + 6, checksum, true);
  }

  #attribute(type: number, length: number): void {
    const out = this.#out;
    assert(length <= 0xffff, 'an attribute is longer than its length field');
    out.view.setUint32(out.at, type | (length << 16), true);
    out.at += 4;
  }

  #bytes(type: number, value: Bytes): void {
    const out = this.#out;
    const length = value.length;
    this.#attribute(type, length);
    const { bytes, at } = out;
    if (length > 64) bytes.set(value, at);
    else for (let i = 0; i < length; i++) bytes[at + i] = value[i]!;
    out.at = at + length;
  }

  /** File data, the last attribute: version 2 leaves its length out. */
  #data(value: Bytes): void {
    if (this.#protocol === 1) return this.#bytes(A.data, value);
    const out = this.#out;
    out.view.setUint16(out.at, A.data, true);
    out.bytes.set(value, out.at + 2);
    out.at += 2 + value.length;
  }

  #u64(type: number, value: number): void {
    const out = this.#out;
    this.#attribute(type, 8);
    const { view, at } = out;
    if (value >>> 0 === value) {
      view.setUint32(at, value, true);
      view.setUint32(at + 4, 0, true);
    } else {
      const high = Math.floor(value / HIGH);
      view.setUint32(at, value - high * HIGH, true);
      view.setInt32(at + 4, high, true);
    }
    out.at = at + 8;
  }

  #u32(type: number, value: number): void {
    const out = this.#out;
    this.#attribute(type, 4);
    out.view.setUint32(out.at, value, true);
    out.at += 4;
  }

  #time(type: number, times: Bytes, from: number): void {
    const out = this.#out;
    this.#attribute(type, 12);
    const { bytes, at } = out;
    for (let i = 0; i < 12; i++) bytes[at + i] = times[from + i]!;
    out.at = at + 12;
  }
}
