import type { Bytes, CommandSink, EncodedWrite } from './command-sink.ts';
import {
  ATTRIBUTE_HEADER_SIZE,
  COMMAND_HEADER_SIZE,
  DATA_HEADER_SIZE_V2,
  STREAM_HEADER_SIZE,
  type Protocol,
} from './protocol.ts';

const U64 = ATTRIBUTE_HEADER_SIZE + 8;
const U32 = ATTRIBUTE_HEADER_SIZE + 4;
const TIME = ATTRIBUTE_HEADER_SIZE + 12;

/** A sink that is content with the length of data: what is only counted is not read. */
export interface LengthSink {
  writeLength(path: Bytes, offset: number, length: number): void;
  /** `write.data` is empty. */
  encodedLength(path: Bytes, write: EncodedWrite, dataLength: number): void;
}

/** Counts what `StreamEncoder` would write: exact to the byte, without data. */
export class CountingSink implements CommandSink, LengthSink {
  readonly #protocol: Protocol;
  commands = 0;
  /** Of the stream, its header included. */
  bytes: number;
  /** Inodes that are made. */
  made = 0;
  /** Bytes of file data in the stream, as they are in it. */
  dataBytes = 0;
  /** Bytes that the receiver clones instead. */
  clonedBytes = 0;

  constructor(protocol: Protocol, hasHeader = true) {
    this.#protocol = protocol;
    this.bytes = hasHeader ? STREAM_HEADER_SIZE : 0;
  }

  subvol(path: Bytes, uuid: Bytes): void {
    this.#add(2, path.length + uuid.length, U64);
  }
  snapshot(path: Bytes, uuid: Bytes, _ctransid: number, parentUuid: Bytes): void {
    this.#add(3, path.length + uuid.length + parentUuid.length, 2 * U64);
  }
  mkfile(path: Bytes): void {
    this.#make(path);
  }
  mkdir(path: Bytes): void {
    this.#make(path);
  }
  mknod(path: Bytes): void {
    this.made++;
    this.#add(1, path.length, 3 * U64);
  }
  mkfifo(path: Bytes): void {
    this.#make(path);
  }
  mksock(path: Bytes): void {
    this.#make(path);
  }
  symlink(path: Bytes, _inode: number, target: Bytes): void {
    this.made++;
    this.#add(2, path.length + target.length, U64);
  }
  rename(from: Bytes, to: Bytes): void {
    this.#add(2, from.length + to.length, 0);
  }
  link(path: Bytes, existing: Bytes): void {
    this.#add(2, path.length + existing.length, 0);
  }
  unlink(path: Bytes): void {
    this.#add(1, path.length, 0);
  }
  rmdir(path: Bytes): void {
    this.#add(1, path.length, 0);
  }
  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    this.#add(3, path.length + name.length + value.length, 0);
  }
  removeXattr(path: Bytes, name: Bytes): void {
    this.#add(2, path.length + name.length, 0);
  }
  write(path: Bytes, offset: number, data: Bytes): void {
    this.writeLength(path, offset, data.length);
  }
  writeLength(path: Bytes, _offset: number, length: number): void {
    this.dataBytes += length;
    this.#add(1, path.length, U64 + this.#data(length));
  }
  clone(
    path: Bytes,
    _offset: number,
    length: number,
    sourceUuid: Bytes,
    _sourceCtransid: number,
    sourcePath: Bytes,
  ): void {
    this.clonedBytes += length;
    this.#add(3, path.length + sourceUuid.length + sourcePath.length, 4 * U64);
  }
  truncate(path: Bytes): void {
    this.#add(1, path.length, U64);
  }
  chmod(path: Bytes): void {
    this.#add(1, path.length, U64);
  }
  chown(path: Bytes): void {
    this.#add(1, path.length, 2 * U64);
  }
  utimes(path: Bytes, _times: Bytes, hasOtime: boolean): void {
    this.#add(1, path.length, (hasOtime ? 4 : 3) * TIME);
  }
  updateExtent(path: Bytes): void {
    this.#add(1, path.length, 2 * U64);
  }
  encodedWrite(path: Bytes, write: EncodedWrite): void {
    this.encodedLength(path, write, write.data.length);
  }
  encodedLength(path: Bytes, _write: EncodedWrite, dataLength: number): void {
    this.dataBytes += dataLength;
    this.#add(1, path.length, 4 * U64 + 2 * U32 + this.#data(dataLength));
  }
  fallocate(path: Bytes): void {
    this.#add(1, path.length, U32 + 2 * U64);
  }
  fileattr(path: Bytes): void {
    this.#add(1, path.length, U64);
  }
  enableVerity(
    path: Bytes,
    _algorithm: number,
    _blockSize: number,
    salt: Bytes,
    signature: Bytes,
  ): void {
    const algorithm = ATTRIBUTE_HEADER_SIZE + 1;
    this.#add(3, path.length + salt.length + signature.length, algorithm + U32);
  }
  end(): void {
    this.#add(0, 0, 0);
  }

  #make(path: Bytes): void {
    this.made++;
    this.#add(1, path.length, U64);
  }

  #data(length: number): number {
    return length + (this.#protocol === 1 ? ATTRIBUTE_HEADER_SIZE : DATA_HEADER_SIZE_V2);
  }

  #add(variableCount: number, variableBytes: number, fixedBytes: number): void {
    this.commands++;
    this.bytes +=
      COMMAND_HEADER_SIZE + variableCount * ATTRIBUTE_HEADER_SIZE + variableBytes + fixedBytes;
  }
}
