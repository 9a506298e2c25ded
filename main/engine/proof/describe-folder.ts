import { S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from '../../linux/files.ts';
import { tellFolder, type FolderStreamSink } from '../sink/folder-restore.ts';
import type { Bytes } from '../stream/command-sink.ts';
import { decodeDevice } from '../stream/device-number.ts';
import { ContentHash } from './content-hash.ts';
import type { Described } from './describe-snapshot.ts';
import { comparePaths } from './path-order.ts';

/** A name with the hash of its content; '' where there is none. */
export interface DescribedFile extends Described {
  readonly hash: string;
}

/**
 * What a snapshot in a plain folder says of each name, with what its sidecar keeps: the same as
 * `describeSnapshot` says of the snapshot that it was, in the same order. Every file is read.
 *
 * @param isWhole see `ContentHash`
 * @throws Conflict `no-sidecar`; Corrupt `sidecar-damaged`
 */
export function describeFolder(folder: string, isWhole = false): DescribedFile[] {
  const description = new FolderDescription(isWhole);
  tellFolder(folder, description);
  return description.result();
}

/** Shared by all names of an inode. */
interface Node {
  mode: number;
  owner: string;
  mtime: string;
  device: number;
  target?: string;
  size: number;
  hash: string;
  links: number;
  readonly xattrs: Map<string, string>;
}

/** Listens to the stream of a folder. */
class FolderDescription implements FolderStreamSink {
  readonly #nodes = new Map<string, Node>();
  readonly #isWhole: boolean;
  #content: ContentHash | undefined;

  constructor(isWhole: boolean) {
    this.#isWhole = isWhole;
  }

  subvol(): void {
    this.#make(new Uint8Array(0), S_IFDIR);
  }
  mkfile(path: Bytes): void {
    this.#make(path, S_IFREG);
    this.#content = new ContentHash(this.#isWhole);
  }
  mkdir(path: Bytes): void {
    this.#make(path, S_IFDIR);
  }
  mkfifo(path: Bytes): void {
    this.#make(path, S_IFIFO);
  }
  mksock(path: Bytes): void {
    this.#make(path, S_IFSOCK);
  }
  mknod(path: Bytes, _inode: number, mode: number, rdev: number): void {
    this.#make(path, mode & S_IFMT).device = decodeDevice(rdev);
  }
  symlink(path: Bytes, _inode: number, target: Bytes): void {
    this.#make(path, S_IFLNK).target = Buffer.from(target).toString('hex');
  }
  link(path: Bytes, existing: Bytes): void {
    const node = this.#node(existing);
    node.links += 1;
    this.#nodes.set(keyOf(path), node);
  }
  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    const hex = Buffer.from(name).toString('hex');
    this.#node(path).xattrs.set(hex, Buffer.from(value).toString('hex'));
  }
  write(_path: Bytes, offset: number, data: Bytes): void {
    this.#content!.zeros(offset - this.#content!.at);
    this.#content!.data(data);
  }
  /** Ends the content of each file. */
  truncate(path: Bytes, size: number): void {
    const node = this.#node(path);
    node.size = size;
    this.#content!.zeros(size - this.#content!.at);
    node.hash = size === 0 ? '' : this.#content!.hex();
  }
  chmod(path: Bytes, mode: number): void {
    const node = this.#node(path);
    node.mode = (node.mode & S_IFMT) | mode;
  }
  chown(path: Bytes, uid: number, gid: number): void {
    this.#node(path).owner = `${uid}:${gid}`;
  }
  utimes(path: Bytes, times: Bytes): void {
    const view = new DataView(times.buffer, times.byteOffset, times.byteLength);
    const [seconds, nanoseconds] = [view.getBigInt64(24, true), view.getUint32(32, true)];
    this.#node(path).mtime = `${seconds}.${nanoseconds}`;
  }
  fileattr(): void {
    // flags are not compared
  }
  end(): void {
    this.#content = undefined;
  }

  result(): DescribedFile[] {
    const all = [...this.#nodes].map(([key, node]) => described(Buffer.from(key, 'latin1'), node));
    return all.sort((a, b) => comparePaths(a.path, b.path));
  }

  #make(path: Bytes, type: number): Node {
    const node: Node = {
      ...{ mode: type, owner: '', mtime: '', device: 0, size: 0, hash: '', links: 1 },
      xattrs: new Map(),
    };
    this.#nodes.set(keyOf(path), node);
    return node;
  }

  #node(path: Bytes): Node {
    return this.#nodes.get(keyOf(path))!;
  }
}

/** In the words of `describeSnapshot`. */
function described(path: Buffer, node: Node): DescribedFile {
  const { mode, owner, mtime, device, target, size, hash, links, xattrs } = node;
  const type = mode & S_IFMT;
  const attributes = [...xattrs].map(([name, value]) => `${name}=${value}`).sort();
  const properties: Record<string, string> = {
    mode: (type === S_IFLNK ? type : mode).toString(8),
    owner,
    mtime,
    attributes: attributes.join(' '),
    ...(target !== undefined && { target }),
    ...(type !== S_IFDIR && { links: `${links}`, device: `${device}` }),
  };
  return { path, inode: 0, isFile: type === S_IFREG, size, hash, properties };
}

function keyOf(path: Bytes): string {
  return Buffer.from(path.buffer, path.byteOffset, path.length).toString('latin1');
}
