import { assert, corrupt } from '../../../shared/errors.ts';
import type { Bytes, CommandSink, EncodedWrite } from '../stream/command-sink.ts';
import type { ContentSource } from './folder-content.ts';
import {
  FolderReceiving,
  type FolderReceivingOptions,
  type ReceivedFolder,
} from './folder-receiving.ts';
import { hasAside } from './folder-aside.ts';
import { FolderTarget, isInPlace } from './folder-target.ts';
import type { Creation } from './held-creation.ts';
import { PassingOver } from './passing-over.ts';
import { mayGoOn } from './may-go-on.ts';
import { identityOf, type StreamIdentity } from './stream-identity.ts';
import { StreamPosition } from './stream-position.ts';
import { FIFO_MODE, SOCKET_MODE } from './tree-writer.ts';
import { inSidecar } from './lost.ts';

export interface FolderSinkOptions extends FolderReceivingOptions {
  /** Of several in one stream, this one is there already. */
  readonly onPassedOver?: ((name: Bytes) => void) | undefined;
  /** Called before the parent is looked for. */
  readonly onSubvolume?: ((name: Bytes, kind: 'subvol' | 'snapshot') => void) | undefined;
}

/**
 * Receives into plain folders on any filesystem: `NAME` and `NAME.dendro.jsonl` beside it, which
 * keeps what the folder cannot, with the ends of files that are too large in `NAME.dendro.parts`.
 * An increment is applied to a copy of the tree it builds on. An interrupted one is gone on with.
 */
export class FolderSink implements CommandSink {
  readonly #directory: string;
  readonly #options: FolderSinkOptions;
  readonly #position = new StreamPosition();
  readonly #received: ReceivedFolder[] = [];
  #current: FolderReceiving | undefined;
  /**
   * Of the one before, which is in place: what is left of it tells that the stream has not come
   * to its end. It goes when the next one has begun, or there is none.
   */
  #finished: FolderTarget | undefined;
  /** Why a subvolume could not be brought to its end: that is never gone on after in silence. */
  #unfinished: unknown;
  #passing: PassingOver | undefined;

  constructor(directory: string, options: FolderSinkOptions = {}) {
    this.#directory = directory;
    this.#options = options;
  }

  /** What was received. @throws what a subvolume could not be brought to its end for */
  finish(): ReceivedFolder[] {
    try {
      // Its END was passed over, as one of the commands that an earlier run had.
      if (this.#position.isSkipping) this.end();
      assert(this.#current === undefined, 'a receive was finished in the middle of a subvolume');
    } finally {
      this.#leave();
    }
    if (this.#unfinished !== undefined) throw this.#unfinished;
    this.#passing?.refuseUnless(this.#received.length > 0);
    return this.#received;
  }

  /** Ends after an error: keeps what can be gone on with, removes what cannot. */
  abort(error?: unknown): void {
    const current = this.#current;
    this.#current = undefined;
    try {
      current?.stop(error);
    } finally {
      if (mayGoOn(error)) this.#finished?.close();
      else this.#finished?.leave();
      this.#finished = undefined;
    }
  }

  /** An error was tolerated: the folder is not what was sent. */
  markInexact(): void {
    this.#current?.markInexact();
  }

  /** For the decoder: whether command `index` is to be applied. */
  admits(index: number, checksum: number): boolean {
    return this.#passing?.isOver !== true && this.#position.admits(index, checksum);
  }

  resume(fromCommand: number): void {
    this.#passing = new PassingOver(false);
    this.#position.resume(fromCommand);
  }

  subvol(path: Bytes, uuid: Bytes, ctransid: number): void {
    this.#begin('subvol', identityOf(path, uuid, ctransid));
  }

  snapshot(path: Bytes, uuid: Bytes, ctransid: number, parent: Bytes, transid: number): void {
    this.#begin('snapshot', identityOf(path, uuid, ctransid, parent, transid));
  }

  mkfile(path: Bytes): void {
    this.#create(path, { kind: 'file' });
  }

  mkdir(path: Bytes): void {
    this.#create(path, { kind: 'directory' });
  }

  mknod(path: Bytes, _inode: number, mode: number, rdev: number): void {
    this.#create(path, { kind: 'node', mode, rdev });
  }

  mkfifo(path: Bytes): void {
    this.#create(path, { kind: 'node', mode: FIFO_MODE, rdev: 0 });
  }

  mksock(path: Bytes): void {
    this.#create(path, { kind: 'node', mode: SOCKET_MODE, rdev: 0 });
  }

  symlink(path: Bytes, _inode: number, target: Bytes): void {
    this.#create(path, { kind: 'symlink', target });
  }

  rename(from: Bytes, to: Bytes): void {
    const current = this.#open;
    const { writer } = current;
    if (!writer.isHeldAt(from)) current.unsafe();
    const wasKnown = (writer.memory.find(from) ?? writer.memory.find(to)) !== undefined;
    writer.rename(from, to);
    current.didMove(from, to, wasKnown);
  }

  link(path: Bytes, existing: Bytes): void {
    this.#settled.writer.link(path, existing);
    this.#open.did(existing, path);
  }

  unlink(path: Bytes): void {
    const { writer } = this.#settled;
    const wasKnown = writer.memory.find(path) !== undefined;
    writer.unlink(path);
    this.#open.didRemove(path, wasKnown);
  }

  rmdir(path: Bytes): void {
    const { writer } = this.#settled;
    const wasKnown = writer.memory.find(path) !== undefined;
    writer.rmdir(path);
    this.#open.didRemove(path, wasKnown);
  }

  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    this.#settled.writer.setXattr(path, name, value);
    this.#open.did(path);
  }

  removeXattr(path: Bytes, name: Bytes): void {
    this.#settled.writer.removeXattr(path, name);
    this.#open.did(path);
  }

  write(path: Bytes, offset: number, data: Bytes): void {
    this.#settled.content.write(path, offset, data);
    this.#open.didWrite(path, data.length);
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
    const current = this.#settled;
    const apply = (source: ContentSource): void =>
      current.content.clone(path, offset, length, source, sourceOffset);
    if (current.isOf(sourceUuid)) {
      const { memory, tree } = current.writer;
      const large = memory.find(sourcePath)?.memo?.large;
      const own = current.writer.reading(sourcePath);
      apply({ fd: tree.cloneSource(own), own, large, parts: current.parts });
    } else {
      apply(current.sources.at(sourceUuid, sourceCtransid, sourcePath));
    }
    current.did(path);
  }

  truncate(path: Bytes, size: number): void {
    this.#settled.content.truncate(path, size);
    this.#open.did(path);
  }

  chmod(path: Bytes, mode: number): void {
    this.#settled.writer.chmod(path, mode);
    this.#open.did(path);
  }

  chown(path: Bytes, uid: number, gid: number): void {
    this.#settled.writer.chown(path, uid, gid);
    this.#open.did(path);
  }

  utimes(path: Bytes, times: Bytes): void {
    this.#settled.writer.utimes(path, times);
    this.#open.did(path);
  }

  updateExtent(path: Bytes): void {
    if (this.#settled.isExact) this.#open.lose(path, inSidecar.data);
    this.#open.markInexact();
    this.#open.did();
  }

  encodedWrite(path: Bytes, write: EncodedWrite): void {
    this.#settled.content.encodedWrite(path, write);
    this.#open.didWrite(path, write.data.length);
  }

  fallocate(path: Bytes, mode: number, offset: number, length: number): void {
    this.#settled.content.fallocate(path, mode, offset, length);
    this.#open.did(path);
  }

  fileattr(path: Bytes, flags: number): void {
    this.#settled.writer.fileattr(path, flags);
    this.#open.did(path);
  }

  enableVerity(path: Bytes): void {
    this.#settled.lose(path, inSidecar.verity);
    this.#open.did();
  }

  end(): void {
    if (this.#current === undefined) return;
    try {
      this.#position.end();
      this.#received.push(this.#current.finish());
      this.#leave();
      this.#finished = this.#current.target;
    } catch (error) {
      this.#unfinished = error;
      this.abort(error);
      throw error;
    }
    this.#current = undefined;
  }

  #leave(): void {
    const finished = this.#finished;
    this.#finished = undefined;
    finished?.leave();
  }

  get #open(): FolderReceiving {
    if (this.#current === undefined) throw corrupt('stream-malformed', 'No subvolume was begun.');
    return this.#current;
  }

  /** With everything done that earlier commands asked for: no command may be counted before that. */
  get #settled(): FolderReceiving {
    this.#open.writer.tree.settle();
    return this.#open;
  }

  #create(path: Bytes, creation: Creation): void {
    this.#open.writer.create(path, creation);
    this.#open.did(path);
  }

  #begin(kind: 'subvol' | 'snapshot', identity: StreamIdentity): void {
    if (this.#current !== undefined) this.end();
    this.#options.onSubvolume?.(identity.name, kind);
    this.#passing ??= new PassingOver(hasAside(this.#directory));
    // Else it would be this very receive that keeps the folder of the stream from the next.
    if (this.#finished?.isOf(identity) === true) this.#leave();
    const target = this.#targetOf(identity);
    if (target === undefined) return;
    try {
      this.#current = new FolderReceiving(identity, target, this.#position, this.#options);
      this.#leave();
    } catch (error) {
      target.closeUnused();
      throw error;
    }
  }

  /** Undefined for one that is in place already, and is passed over. */
  #targetOf(identity: StreamIdentity): FolderTarget | undefined {
    let complete: FolderTarget | undefined;
    let reason: unknown;
    try {
      const target = new FolderTarget(this.#directory, identity, this.#options.namesInMemory);
      if (!target.isComplete) {
        this.#passing!.end();
        return target;
      }
      reason = target.putInPlace();
      complete = target;
    } catch (error) {
      reason = error;
    }
    this.#passOver(identity, reason, complete);
    return undefined;
  }

  /** @throws `reason` where nothing is passed over */
  #passOver(identity: StreamIdentity, reason: unknown, complete?: FolderTarget): void {
    try {
      if (this.#options.asksAdmits !== true) throw reason;
      this.#passing!.begin(reason, () => isInPlace(this.#directory, identity));
    } catch (error) {
      complete?.leave();
      throw error;
    }
    if (complete !== undefined) {
      this.#leave();
      this.#finished = complete;
    }
    this.#options.onPassedOver?.(identity.name);
  }
}
