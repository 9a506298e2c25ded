import type {
  Bytes,
  CommandSink,
  EncodedWrite,
  SectorSums,
} from '../../engine/stream/command-sink.ts';
import type { Identity } from '../format/manifest.ts';
import type { ForeignSource, IndexWriter } from './index-writer.ts';
import { OP } from './operations.ts';

export interface StreamFacts {
  name: Buffer;
  identity: Identity;
  parent: Identity | null;
}

/**
 * Writes the index of a stream as its commands go by. `next` gets each command first, and
 * `placeOf` then says where in the plain stream the data of it stands.
 */
export class IndexingSink implements CommandSink {
  /** What the first command said. */
  facts: StreamFacts | undefined;
  commands = 0;
  /** Called for each subvolume; its index from there on is what it returns. */
  onBegin: ((facts: StreamFacts) => IndexWriter) | undefined;
  #index: IndexWriter;
  readonly #next: CommandSink | undefined;
  readonly #placeOf: (data: Bytes) => number;
  #self: Buffer = Buffer.alloc(0);

  constructor(index: IndexWriter, placeOf: (data: Bytes) => number, next?: CommandSink) {
    this.#index = index;
    this.#placeOf = placeOf;
    this.#next = next;
  }

  /** The receiver of `next` is told; the index has what came before. */
  resume(fromCommand: number): void {
    this.#next?.resume?.(fromCommand);
  }

  subvol(path: Bytes, uuid: Bytes, ctransid: number): void {
    this.commands += 1;
    this.#next?.subvol(path, uuid, ctransid);
    this.#begin(path, uuid, ctransid, null);
  }

  snapshot(path: Bytes, uuid: Bytes, ctransid: number, parent: Bytes, parentTransid: number): void {
    this.commands += 1;
    this.#next?.snapshot(path, uuid, ctransid, parent, parentTransid);
    this.#begin(path, uuid, ctransid, { uuid: hex(parent), ctransid: parentTransid });
  }

  mkfile(path: Bytes, inode: number): void {
    this.commands += 1;
    this.#next?.mkfile(path, inode);
    this.#index.make(OP.mkfile, path, inode);
  }

  mkdir(path: Bytes, inode: number): void {
    this.commands += 1;
    this.#next?.mkdir(path, inode);
    this.#index.make(OP.mkdir, path, inode);
  }

  mknod(path: Bytes, inode: number, mode: number, rdev: number): void {
    this.commands += 1;
    this.#next?.mknod(path, inode, mode, rdev);
    this.#index.mknod(path, inode, mode, rdev);
  }

  mkfifo(path: Bytes, inode: number): void {
    this.commands += 1;
    this.#next?.mkfifo(path, inode);
    this.#index.make(OP.mkfifo, path, inode);
  }

  mksock(path: Bytes, inode: number): void {
    this.commands += 1;
    this.#next?.mksock(path, inode);
    this.#index.make(OP.mksock, path, inode);
  }

  symlink(path: Bytes, inode: number, target: Bytes): void {
    this.commands += 1;
    this.#next?.symlink(path, inode, target);
    this.#index.symlink(path, inode, target);
  }

  rename(from: Bytes, to: Bytes): void {
    this.commands += 1;
    this.#next?.rename(from, to);
    this.#index.two(OP.rename, from, to);
  }

  link(path: Bytes, existing: Bytes): void {
    this.commands += 1;
    this.#next?.link(path, existing);
    this.#index.two(OP.link, path, existing);
  }

  unlink(path: Bytes): void {
    this.commands += 1;
    this.#next?.unlink(path);
    this.#index.remove(OP.unlink, path);
  }

  rmdir(path: Bytes): void {
    this.commands += 1;
    this.#next?.rmdir(path);
    this.#index.remove(OP.rmdir, path);
  }

  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    this.commands += 1;
    this.#next?.setXattr(path, name, value);
    this.#index.setXattr(path, name, value);
  }

  removeXattr(path: Bytes, name: Bytes): void {
    this.commands += 1;
    this.#next?.removeXattr(path, name);
    this.#index.removeXattr(path, name);
  }

  write(path: Bytes, offset: number, data: Bytes, sums?: SectorSums): void {
    this.commands += 1;
    this.#next?.write(path, offset, data, sums);
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
    this.#next?.clone(path, offset, length, sourceUuid, sourceCtransid, sourcePath, sourceOffset);
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
    this.#next?.truncate(path, size);
    this.#index.truncate(path, size);
  }

  chmod(path: Bytes, mode: number): void {
    this.commands += 1;
    this.#next?.chmod(path, mode);
    this.#index.chmod(path, mode);
  }

  chown(path: Bytes, uid: number, gid: number): void {
    this.commands += 1;
    this.#next?.chown(path, uid, gid);
    this.#index.chown(path, uid, gid);
  }

  utimes(path: Bytes, times: Bytes, hasOtime: boolean): void {
    this.commands += 1;
    this.#next?.utimes(path, times, hasOtime);
    this.#index.utimes(path, times, hasOtime);
  }

  updateExtent(path: Bytes, offset: number, length: number): void {
    this.commands += 1;
    this.#next?.updateExtent(path, offset, length);
    this.#index.missing(path, offset, length);
  }

  encodedWrite(path: Bytes, write: EncodedWrite): void {
    this.commands += 1;
    this.#next?.encodedWrite(path, write);
    this.#index.encoded(path, write, this.#placeOf(write.data));
  }

  fallocate(path: Bytes, mode: number, offset: number, length: number): void {
    this.commands += 1;
    this.#next?.fallocate(path, mode, offset, length);
    this.#index.fallocate(path, mode, offset, length);
  }

  fileattr(path: Bytes, flags: number): void {
    this.commands += 1;
    this.#next?.fileattr(path, flags);
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
    this.#next?.enableVerity(path, algorithm, blockSize, salt, signature);
    this.#index.verity(path, algorithm, blockSize, salt, signature);
  }

  end(): void {
    this.commands += 1;
    this.#next?.end();
    this.#index.settle();
  }

  #begin(name: Bytes, uuid: Bytes, ctransid: number, parent: Identity | null): void {
    this.#self = Buffer.from(uuid);
    this.facts = { name: Buffer.from(name), identity: { uuid: hex(uuid), ctransid }, parent };
    if (this.onBegin !== undefined) this.#index = this.onBegin(this.facts);
  }
}

export function hex(bytes: Bytes): string {
  return Buffer.from(bytes).toString('hex');
}
