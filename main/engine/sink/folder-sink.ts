import { assert, corrupt } from '../../../shared/errors.ts';
import { closeFd } from '../../linux/files.ts';
import { ERRNO, isErrno } from '../../linux/libc-error.ts';
import type { Bytes, CommandSink, EncodedWrite } from '../stream/command-sink.ts';
import { FALLOCATE } from '../stream/protocol.ts';
import { ConfinedTree } from './confined-tree.ts';
import { copyTree } from './copy-tree.ts';
import { FolderMemory } from './folder-memory.ts';
import { reportMemory } from './folder-report.ts';
import { FolderTarget } from './folder-target.ts';
import { FolderWriter, type FolderPolicy } from './folder-writer.ts';
import { LossReport, type Loss } from './loss-report.ts';
import { OpenInode } from './open-inode.ts';
import { identityOf, type StreamIdentity } from './stream-identity.ts';
import { FIFO_MODE, readableFile, SOCKET_MODE } from './tree-writer.ts';

export interface FolderSinkOptions extends FolderPolicy {
  /** Called before the parent is looked for. */
  readonly onSubvolume?: ((name: Bytes, kind: 'subvol' | 'snapshot') => void) | undefined;
}

export interface ReceivedFolder {
  readonly name: Buffer;
  readonly uuid: Buffer;
  readonly ctransid: number;
  /** False when content is missing (errors tolerated, sent without data, a file too large). */
  readonly isExact: boolean;
  /** What the folder itself does not keep; all of it but content is in the sidecar. */
  readonly losses: readonly Loss[];
  /** How often, by what. */
  readonly lossCounts: Readonly<Record<string, number>>;
}

interface Current {
  readonly identity: StreamIdentity;
  readonly target: FolderTarget;
  readonly writer: FolderWriter;
  readonly losses: LossReport;
  isExact: boolean;
}

/**
 * Receives into plain folders on any filesystem: `NAME` and `NAME.dendro.jsonl` beside it, which
 * keeps what the folder cannot. An increment is applied to a copy of the tree it builds on.
 */
export class FolderSink implements CommandSink {
  readonly #directory: string;
  readonly #options: FolderSinkOptions;
  readonly #received: ReceivedFolder[] = [];
  #current: Current | undefined;

  constructor(directory: string, options: FolderSinkOptions = {}) {
    this.#directory = directory;
    this.#options = options;
  }

  finish(): ReceivedFolder[] {
    assert(this.#current === undefined, 'a receive was finished in the middle of a subvolume');
    return this.#received;
  }

  /** Removes what was begun. */
  abort(): void {
    const current = this.#current;
    this.#current = undefined;
    if (current === undefined) return;
    current.writer.close();
    current.target.close();
    current.target.discard();
  }

  markInexact(): void {
    if (this.#current !== undefined) this.#current.isExact = false;
  }

  subvol(path: Bytes, uuid: Bytes, ctransid: number): void {
    this.#begin('subvol', identityOf(path, uuid, ctransid));
  }

  snapshot(path: Bytes, uuid: Bytes, ctransid: number, parent: Bytes, transid: number): void {
    this.#begin('snapshot', identityOf(path, uuid, ctransid, parent, transid));
  }

  mkfile(path: Bytes): void {
    this.#writer.create(path, { kind: 'file' });
  }

  mkdir(path: Bytes): void {
    this.#writer.create(path, { kind: 'directory' });
  }

  mknod(path: Bytes, _inode: number, mode: number, rdev: number): void {
    this.#writer.create(path, { kind: 'node', mode, rdev });
  }

  mkfifo(path: Bytes): void {
    this.#writer.create(path, { kind: 'node', mode: FIFO_MODE, rdev: 0 });
  }

  mksock(path: Bytes): void {
    this.#writer.create(path, { kind: 'node', mode: SOCKET_MODE, rdev: 0 });
  }

  symlink(path: Bytes, _inode: number, target: Bytes): void {
    this.#writer.create(path, { kind: 'symlink', target });
  }

  rename(from: Bytes, to: Bytes): void {
    this.#writer.rename(from, to);
  }

  link(path: Bytes, existing: Bytes): void {
    this.#writer.link(path, existing);
  }

  unlink(path: Bytes): void {
    this.#writer.unlink(path);
  }

  rmdir(path: Bytes): void {
    this.#writer.rmdir(path);
  }

  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    this.#writer.setXattr(path, name, value);
  }

  removeXattr(path: Bytes, name: Bytes): void {
    this.#writer.removeXattr(path, name);
  }

  write(path: Bytes, offset: number, data: Bytes): void {
    const real = this.#writer.changing(path);
    this.#content(path, () => this.#writer.tree.inodes.write(real, offset, data));
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
    const writer = this.#writer;
    const real = writer.changing(path);
    const apply = (source: number): void =>
      this.#content(path, () => {
        writer.tree.inodes.clone(real, offset, length, source, sourceOffset);
      });
    if (this.#current!.identity.uuid.equals(sourceUuid)) {
      return apply(writer.tree.cloneSource(writer.memory.real(sourcePath)));
    }
    this.#withForeign(sourceUuid, sourceCtransid, sourcePath, apply);
  }

  truncate(path: Bytes, size: number): void {
    const real = this.#writer.changing(path);
    this.#content(path, () => this.#writer.tree.inodes.truncate(real, size));
  }

  chmod(path: Bytes, mode: number): void {
    this.#writer.chmod(path, mode);
  }

  chown(path: Bytes, uid: number, gid: number): void {
    this.#writer.chown(path, uid, gid);
  }

  utimes(path: Bytes, times: Bytes): void {
    this.#writer.utimes(path, times);
  }

  updateExtent(path: Bytes): void {
    if (this.#current?.isExact === true) this.#lose(path, 'content (sent without data)');
    this.markInexact();
  }

  encodedWrite(path: Bytes, write: EncodedWrite): void {
    this.#content(path, () => this.#writer.encodedWrite(path, write));
  }

  fallocate(path: Bytes, mode: number, offset: number, length: number): void {
    const { inodes } = this.#writer.tree;
    const real = this.#writer.changing(path);
    const isHole = (mode & FALLOCATE.punchHole) !== 0;
    if (isHole) return this.#content(path, () => inodes.punch(real, offset, length));
    try {
      inodes.fallocate(real, mode, offset, length);
    } catch (error) {
      if (!isErrno(error, ERRNO.EOPNOTSUPP, ERRNO.ENOSYS)) throw error;
      if ((mode & FALLOCATE.keepSize) === 0) inodes.extend(real, offset + length);
      this.#lose(path, 'preallocated space');
    }
  }

  fileattr(path: Bytes, flags: number): void {
    this.#writer.fileattr(path, flags);
  }

  enableVerity(path: Bytes): void {
    this.#lose(path, 'fs-verity');
  }

  end(): void {
    const current = this.#current;
    if (current === undefined) return;
    const { identity, target, writer, losses, isExact } = current;
    writer.syncCopies();
    writer.settleModes();
    writer.close();
    reportMemory(writer.memory, losses);
    target.finish(writer.memory, losses.counts);
    target.close();
    this.#current = undefined;
    const { name, uuid, ctransid } = identity;
    const report = { losses: losses.entries, lossCounts: losses.counts };
    this.#received.push({ name, uuid, ctransid, isExact, ...report });
  }

  get #writer(): FolderWriter {
    if (this.#current === undefined) throw corrupt('stream-malformed', 'No subvolume was begun.');
    return this.#current.writer;
  }

  #begin(kind: 'subvol' | 'snapshot', identity: StreamIdentity): void {
    if (this.#current !== undefined) this.end();
    this.#options.onSubvolume?.(identity.name, kind);
    const target = new FolderTarget(this.#directory, identity);
    try {
      this.#current = this.#start(identity, target);
    } catch (error) {
      target.close();
      target.discard();
      throw error;
    }
  }

  #start(identity: StreamIdentity, target: FolderTarget): Current {
    const losses = new LossReport();
    const { parentUuid, parentCtransid } = identity;
    const parent =
      parentUuid !== undefined && parentCtransid !== undefined
        ? target.openSource(parentUuid, parentCtransid)
        : undefined;
    const memory = parent?.memory ?? new FolderMemory();
    const writer = new FolderWriter(target.top, memory, target.isPosix, this.#options);
    if (parent !== undefined) {
      copyTree(parent.top, writer.tree, (path, mode) => writer.copyMode(path, mode));
      closeFd(parent.top);
    }
    return { identity, target, writer, losses, isExact: true };
  }

  /** A file that the filesystem cannot hold does not end the rest. */
  #content(path: Bytes, run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!isErrno(error, ERRNO.EFBIG)) throw error;
      this.#lose(path, 'content (the file is too large for this filesystem)');
      this.markInexact();
    }
  }

  #lose(path: Bytes, what: string): void {
    this.#current!.losses.add(path, what);
  }

  #withForeign(uuid: Bytes, transid: number, path: Bytes, apply: (fd: number) => void): void {
    const { top, memory } = this.#current!.target.openSource(uuid, transid);
    const tree = new ConfinedTree(top);
    const inode = new OpenInode(tree);
    try {
      apply(readableFile(inode, memory.real(path)));
    } finally {
      inode.leave();
      tree.close();
      closeFd(top);
    }
  }
}
