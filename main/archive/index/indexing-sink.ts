import type { Bytes, CommandSink, EncodedWrite } from '../../engine/stream/command-sink.ts';
import type { Identity } from '../format/manifest.ts';
import type { ForeignSource, IndexWriter } from './index-writer.ts';
import { OP } from './operations.ts';

export interface StreamFacts {
  name: Buffer;
  identity: Identity;
  parent: Identity | null;
}

/**
 * Writes the index of a stream as its commands go by; `placeOf` says where in the plain stream the
 * data of one stands.
 */
export class IndexingSink implements CommandSink {
  /** What the first command said. */
  facts: StreamFacts | undefined;
  commands = 0;
  readonly #index: IndexWriter;
  readonly #placeOf: (data: Bytes) => number;
  #self: Buffer = Buffer.alloc(0);

  constructor(index: IndexWriter, placeOf: (data: Bytes) => number) {
    this.#index = index;
    this.#placeOf = placeOf;
  }

  subvol(path: Bytes, uuid: Bytes, ctransid: number): void {
    this.commands += 1;
    this.#begin(path, uuid, ctransid, null);
  }

  snapshot(path: Bytes, uuid: Bytes, ctransid: number, parent: Bytes, parentTransid: number): void {
    this.commands += 1;
    this.#begin(path, uuid, ctransid, { uuid: hex(parent), ctransid: parentTransid });
  }

  mkfile(path: Bytes, inode: number): void {
    this.commands += 1;
    this.#index.make(OP.mkfile, path, inode);
  }

  mkdir(path: Bytes, inode: number): void {
    this.commands += 1;
    this.#index.make(OP.mkdir, path, inode);
  }

  mknod(path: Bytes, inode: number, mode: number, rdev: number): void {
    this.commands += 1;
    this.#index.mknod(path, inode, mode, rdev);
  }

  mkfifo(path: Bytes, inode: number): void {
    this.commands += 1;
    this.#index.make(OP.mkfifo, path, inode);
  }

  mksock(path: Bytes, inode: number): void {
    this.commands += 1;
    this.#index.make(OP.mksock, path, inode);
  }

  symlink(path: Bytes, inode: number, target: Bytes): void {
    this.commands += 1;
    this.#index.symlink(path, inode, target);
  }

  rename(from: Bytes, to: Bytes): void {
    this.commands += 1;
    this.#index.two(OP.rename, from, to);
  }

  link(path: Bytes, existing: Bytes): void {
    this.commands += 1;
    this.#index.two(OP.link, path, existing);
  }

  unlink(path: Bytes): void {
    this.commands += 1;
    this.#index.remove(OP.unlink, path);
  }

  rmdir(path: Bytes): void {
    this.commands += 1;
    this.#index.remove(OP.rmdir, path);
  }

  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    this.commands += 1;
    this.#index.setXattr(path, name, value);
  }

  removeXattr(path: Bytes, name: Bytes): void {
    this.commands += 1;
    this.#index.removeXattr(path, name);
  }

  write(path: Bytes, offset: number, data: Bytes): void {
    this.commands += 1;
    this.#index.write(path, offset, data, this.#placeOf(data));
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
    this.commands += 1;
    if (this.#self.equals(sourceUuid)) {
      this.#index.clone(path, offset, length, sourcePath, sourceOffset);
      return;
    }
    const source: ForeignSource = {
      uuid: hex(sourceUuid),
      ctransid: sourceCtransid,
      path: Buffer.from(sourcePath).toString('latin1'),
    };
    this.#index.cloneForeign(path, offset, length, source, sourceOffset);
  }

  truncate(path: Bytes, size: number): void {
    this.commands += 1;
    this.#index.truncate(path, size);
  }

  chmod(path: Bytes, mode: number): void {
    this.commands += 1;
    this.#index.chmod(path, mode);
  }

  chown(path: Bytes, uid: number, gid: number): void {
    this.commands += 1;
    this.#index.chown(path, uid, gid);
  }

  utimes(path: Bytes, times: Bytes, hasOtime: boolean): void {
    this.commands += 1;
    this.#index.utimes(path, times, hasOtime);
  }

  updateExtent(path: Bytes, offset: number, length: number): void {
    this.commands += 1;
    this.#index.missing(path, offset, length);
  }

  encodedWrite(path: Bytes, write: EncodedWrite): void {
    this.commands += 1;
    this.#index.encoded(path, write, this.#placeOf(write.data));
  }

  fallocate(path: Bytes, mode: number, offset: number, length: number): void {
    this.commands += 1;
    this.#index.fallocate(path, mode, offset, length);
  }

  fileattr(path: Bytes, flags: number): void {
    this.commands += 1;
    this.#index.fileattr(path, flags);
  }

  enableVerity(
    path: Bytes,
    algorithm: number,
    blockSize: number,
    salt: Bytes,
    signature: Bytes,
  ): void {
    this.commands += 1;
    this.#index.verity(path, algorithm, blockSize, salt, signature);
  }

  end(): void {
    this.commands += 1;
    this.#index.settle();
  }

  #begin(name: Bytes, uuid: Bytes, ctransid: number, parent: Identity | null): void {
    this.#self = Buffer.from(uuid);
    this.facts = { name: Buffer.from(name), identity: { uuid: hex(uuid), ctransid }, parent };
  }
}

export function hex(bytes: Bytes): string {
  return Buffer.from(bytes).toString('hex');
}
