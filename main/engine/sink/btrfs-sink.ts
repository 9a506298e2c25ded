import { assert, corrupt } from '../../../shared/errors.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../linux/files.ts';
import type { Bytes, CommandSink, EncodedWrite } from '../stream/command-sink.ts';
import { throwAttributeError } from './attribute-room.ts';
import { BtrfsReceiving, type ReceivedSnapshot, type ReceivingOptions } from './btrfs-receiving.ts';
import { CloneSources } from './clone-sources.ts';
import { exists } from './leftover.ts';
import { mayGoOn } from './may-go-on.ts';
import { PassingOver } from './passing-over.ts';
import { isInPlace, Staging } from './staging.ts';
import { removeStagingFolder, STAGING_NAME } from './staging-folder.ts';
import { identityOf, type StreamIdentity } from './stream-identity.ts';
import { StreamPosition } from './stream-position.ts';
import { SubvolumeFinder } from './subvolume-finder.ts';
import { timespecs } from './top-times.ts';
import { FIFO_MODE, SOCKET_MODE, type TreeWriter } from './tree-writer.ts';
import { lost } from './lost.ts';

export interface BtrfsSinkOptions extends ReceivingOptions {
  /** Parents and clone sources that the sender received itself are taken by UUID alone. */
  readonly parentByUuid?: boolean;
  /** Of several in one stream, this one is there already. */
  readonly onPassedOver?: (name: Bytes) => void;
  /** Called before the parent is looked for. */
  readonly onSubvolume?: (name: Bytes, kind: 'subvol' | 'snapshot') => void;
}

const FILE = { kind: 'file' } as const;
const DIRECTORY = { kind: 'directory' } as const;

/** Opens `target`, a directory on btrfs, to receive snapshots into. */
export function openBtrfsSink(target: string | Bytes, options: BtrfsSinkOptions): BtrfsSink {
  return new BtrfsSink(openPath(cString(target), O_RDONLY | O_DIRECTORY), options);
}

/**
 * Receives onto btrfs: each subvolume under a private name first, then in place with received
 * UUID and read-only, all or nothing; an interrupted one is gone on with.
 * After an error call `abort(error)`, after all else `finish()`.
 */
export class BtrfsSink implements CommandSink {
  readonly #target: number;
  readonly #options: BtrfsSinkOptions;
  readonly #finder: SubvolumeFinder;
  readonly #sources: CloneSources;
  readonly #position = new StreamPosition();
  readonly #received: ReceivedSnapshot[] = [];
  #current: BtrfsReceiving | undefined;
  /** Why a snapshot could not be brought to its end: that is never gone on after in silence. */
  #unfinished: unknown;
  readonly #passing: PassingOver;

  /** Takes the descriptor over. */
  constructor(target: number, options: BtrfsSinkOptions) {
    this.#target = target;
    this.#options = options;
    this.#finder = new SubvolumeFinder(target, options.parentByUuid);
    this.#sources = new CloneSources(this.#finder);
    this.#passing = new PassingOver(exists(target, Buffer.from(STAGING_NAME)));
  }

  /** What was received; closes everything. @throws what kept a snapshot from its end */
  finish(): ReceivedSnapshot[] {
    try {
      // Its END was passed over, as one of the commands that an earlier run had.
      if (this.#position.isSkipping) this.end();
      assert(this.#current === undefined, 'a receive was finished in the middle of a subvolume');
    } finally {
      this.#close();
    }
    if (this.#unfinished !== undefined) throw this.#unfinished;
    this.#passing.refuseUnless(this.#received.length > 0);
    return this.#received;
  }

  /** Ends after an error: keeps what can be gone on with, removes what cannot. */
  abort(error: unknown): void {
    this.#stop(error);
    // Of several, those that are in place are passed over only where a run was interrupted.
    const isOneThere = this.#received.length > 0 || this.#passing.hasBegun;
    this.#close(isOneThere && mayGoOn(error));
  }

  /** An error was tolerated: the snapshot is not what was sent. */
  markInexact(): void {
    this.#current?.markInexact();
  }

  /** For the decoder: whether command `index` is to be applied. */
  admits(index: number, checksum: number): boolean {
    return !this.#passing.isOver && this.#position.admits(index, checksum);
  }

  resume(fromCommand: number): void {
    this.#passing.mayBegin = false;
    this.#position.resume(fromCommand);
  }

  subvol(path: Bytes, uuid: Bytes, ctransid: number): void {
    this.#begin('subvol', identityOf(path, uuid, ctransid));
  }

  snapshot(path: Bytes, uuid: Bytes, ctransid: number, parent: Bytes, transid: number): void {
    this.#begin('snapshot', identityOf(path, uuid, ctransid, parent, transid));
  }

  mkfile(path: Bytes): void {
    this.#writer.create(path, FILE);
    this.#did();
  }

  mkdir(path: Bytes): void {
    this.#writer.create(path, DIRECTORY);
    this.#did();
  }

  mknod(path: Bytes, _inode: number, mode: number, rdev: number): void {
    this.#writer.create(path, { kind: 'node', mode, rdev });
    this.#did();
  }

  mkfifo(path: Bytes): void {
    this.#writer.create(path, { kind: 'node', mode: FIFO_MODE, rdev: 0 });
    this.#did();
  }

  mksock(path: Bytes): void {
    this.#writer.create(path, { kind: 'node', mode: SOCKET_MODE, rdev: 0 });
    this.#did();
  }

  symlink(path: Bytes, _inode: number, target: Bytes): void {
    this.#writer.create(path, { kind: 'symlink', target });
    this.#did();
  }

  rename(from: Bytes, to: Bytes): void {
    this.#writer.rename(from, to);
    this.#did();
  }

  link(path: Bytes, existing: Bytes): void {
    this.#writer.link(path, existing);
    this.#did();
  }

  unlink(path: Bytes): void {
    this.#writer.unlink(path);
    this.#did();
  }

  rmdir(path: Bytes): void {
    this.#writer.rmdir(path);
    this.#did();
  }

  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    const { inodes } = this.#settled;
    try {
      inodes.setXattr(path, name, value);
    } catch (error) {
      throwAttributeError(error, this.#target, inodes, path, name, value);
    }
    this.#did();
  }

  removeXattr(path: Bytes, name: Bytes): void {
    this.#settled.inodes.removeXattr(path, name);
    this.#did();
  }

  write(path: Bytes, offset: number, data: Bytes): void {
    this.#settled.inodes.write(path, offset, data);
    this.#did(data.length);
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
    const writer = this.#settled;
    const isOwn = this.#current!.identity.uuid.equals(sourceUuid);
    const source = isOwn
      ? writer.cloneSource(sourcePath)
      : this.#sources.open(sourceUuid, sourceCtransid, sourcePath);
    writer.inodes.clone(path, offset, length, source, sourceOffset);
    this.#did();
  }

  truncate(path: Bytes, size: number): void {
    this.#settled.inodes.truncate(path, size);
    this.#did();
  }

  chmod(path: Bytes, mode: number): void {
    const { inodes } = this.#settled;
    inodes.chmod(path, mode);
    inodes.tellLostSetGroup(path, mode);
    this.#did();
  }

  chown(path: Bytes, uid: number, gid: number): void {
    this.#settled.inodes.chown(path, uid, gid);
    this.#did();
  }

  utimes(path: Bytes, times: Bytes): void {
    const writer = this.#settled;
    if (path.length === 0) {
      this.#current!.setTopTimes(timespecs(times));
    } else {
      writer.inodes.utimes(path, times);
    }
    this.#did();
  }

  /** A stream without data: what comes out is not the snapshot, and says so. */
  updateExtent(path: Bytes): void {
    const { losses } = this.#current!;
    if (this.#settled !== undefined && losses.count === 0) losses.add(path, lost.data);
    this.markInexact();
    this.#did();
  }

  encodedWrite(path: Bytes, write: EncodedWrite): void {
    this.#settled.inodes.encodedWrite(path, write);
    this.#did(write.data.length);
  }

  fallocate(path: Bytes, mode: number, offset: number, length: number): void {
    this.#settled.inodes.fallocate(path, mode, offset, length);
    this.#did();
  }

  fileattr(path: Bytes, flags: number): void {
    this.#settled.inodes.fileattr(path, flags);
    this.#did();
  }

  enableVerity(
    path: Bytes,
    algorithm: number,
    blockSize: number,
    salt: Bytes,
    signature: Bytes,
  ): void {
    this.#settled.inodes.enableVerity(path, algorithm, blockSize, salt, signature);
    this.#did();
  }

  end(): void {
    if (this.#current === undefined) return;
    try {
      this.#position.end();
      this.#received.push(this.#current.finish());
    } catch (error) {
      this.#unfinished = error;
      this.#stop(error);
      throw error;
    }
    this.#current = undefined;
  }

  get #writer(): TreeWriter {
    if (this.#current === undefined) throw corrupt('stream-malformed', 'No subvolume was begun.');
    return this.#current.writer;
  }

  /** With everything done that earlier commands asked for. */
  get #settled(): TreeWriter {
    const writer = this.#writer;
    if (writer.isHolding) writer.settle();
    return writer;
  }

  #begin(kind: 'subvol' | 'snapshot', identity: StreamIdentity): void {
    if (this.#current !== undefined) this.end();
    this.#options.onSubvolume?.(identity.name, kind);
    const { parentUuid, parentCtransid = 0 } = identity;
    if (parentUuid !== undefined) this.#finder.declareParent(parentUuid, parentCtransid);
    const staging = new Staging(this.#target, identity);
    const parent = (): number | undefined =>
      parentUuid === undefined ? undefined : this.#finder.open(parentUuid, parentCtransid);
    try {
      const [position, options] = [this.#position, this.#options];
      this.#current = new BtrfsReceiving(kind, identity, staging, position, parent, options);
      this.#passing.end();
    } catch (error) {
      staging.closeUnused();
      if (this.#options.asksAdmits !== true) throw error;
      this.#passing.begin(error, () => isInPlace(this.#target, identity));
      this.#options.onPassedOver?.(identity.name);
    }
  }

  #stop(error: unknown): void {
    const current = this.#current;
    this.#current = undefined;
    current?.stop(mayGoOn(error));
  }

  #did(bytes = 0): void {
    this.#current!.did(bytes);
  }

  #close(keepsFolder = false): void {
    this.#sources.close();
    this.#finder.close();
    if (!keepsFolder) removeStagingFolder(this.#target);
    closeFd(this.#target);
  }
}
