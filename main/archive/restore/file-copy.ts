import type { DendroError } from '../../../shared/errors.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import { portableName } from '../../engine/sink/folder-names.ts';
import type { Creation } from '../../engine/sink/held-creation.ts';
import type { TreeWriter } from '../../engine/sink/tree-writer.ts';
import { ERRNO, isErrno } from '../../linux/libc-error.ts';
import { untilDamage } from '../read/damage.ts';
import type { OpenTree } from '../read/open-tree.ts';
import { type Children, type Inode, KIND_MODE } from '../tree/inode.ts';
import { readNamed } from '../tree/read-content.ts';
import { copyProperties, FLAGS_BEFORE_DATA } from './copy-properties.ts';
import type { Note } from '../../../shared/said.ts';
import { lost, lostKind } from '../../engine/sink/lost.ts';

export interface FileCopyHooks {
  readonly cancel: CancelToken;
  readonly onLoss: (path: Uint8Array, what: Note) => void;
  readonly onProgress: (path: string) => void;
  /** Its content is damaged in the archive: it is left out, the rest goes on. */
  readonly onDamage: (path: string, error: DendroError) => void;
}

/** What a filesystem says of a kind of file, or a name, that it cannot have. */
const CANNOT_MAKE = [
  ERRNO.EPERM,
  ERRNO.EOPNOTSUPP,
  ERRNO.ENOSYS,
  ERRNO.EINVAL,
  ERRNO.EIO,
  ERRNO.EACCES,
];
const CANNOT_NAME = [ERRNO.EINVAL, ERRNO.EILSEQ, ERRNO.EEXIST, ERRNO.EIO];

/** Copies inodes of an archive to paths below the writer's root, with all below them. */
export class FileCopy {
  bytes = 0;
  files = 0;
  readonly #open: OpenTree;
  readonly #writer: TreeWriter;
  readonly #hooks: FileCopyHooks;
  /** Where each inode with several names was put first. */
  readonly #linked = new Map<number, Buffer>();
  /** This filesystem refused a name: all further ones are made such that it takes them. */
  #needsPortable = false;

  constructor(open: OpenTree, writer: TreeWriter, hooks: FileCopyHooks) {
    this.#open = open;
    this.#writer = writer;
    this.#hooks = hooks;
  }

  nameFor(name: Buffer): Buffer {
    return this.#needsPortable ? portableName(name) : name;
  }

  /** @param from path in the archive, a character a byte. */
  copy(from: string, inode: Inode, to: Buffer): void {
    this.#hooks.cancel.check();
    const first = this.#linked.get(inode.id);
    if (first !== undefined && this.#link(to, first)) {
      this.files += 1;
      return;
    }
    const made = this.#create(inode, to);
    if (made === undefined) return;
    if (inode.links > 1 && inode.kind !== 'directory') this.#linked.set(inode.id, made);
    if (inode.kind === 'file' && !this.#content(from, inode, made)) {
      this.#linked.delete(inode.id);
      return this.#writer.unlink(made);
    }
    if (inode.kind !== 'directory') this.files += 1;
    if (inode.children !== undefined) this.#children(from, inode.children, made);
    copyProperties(inode, made, this.#writer.inodes, this.#hooks.onLoss);
    this.#hooks.onProgress(from);
  }

  #children(from: string, children: Children, to: Buffer): void {
    for (const [name, child] of children) {
      const below = from === '' ? name : `${from}/${name}`;
      this.copy(below, child, joined(to, this.nameFor(Buffer.from(name, 'latin1'))));
    }
  }

  /** Where it was made; undefined when this filesystem has no such kind of file. */
  #create(inode: Inode, to: Buffer): Buffer | undefined {
    try {
      this.#make(inode, to);
      return to;
    } catch (error) {
      const portable = joined(parentOf(to), portableName(nameOf(to)));
      if (isErrno(error, ...CANNOT_NAME) && !portable.equals(to)) {
        this.#needsPortable = true;
        this.#hooks.onLoss(to, lost.name);
        this.#make(inode, portable);
        return portable;
      }
      const isPlain = inode.kind === 'file' || inode.kind === 'directory';
      if (isPlain || !isErrno(error, ...CANNOT_MAKE)) throw error;
      this.#hooks.onLoss(to, lostKind(inode.kind));
      return undefined;
    }
  }

  #make(inode: Inode, to: Buffer): void {
    this.#writer.create(to, creationOf(inode));
    this.#writer.settle();
  }

  /** False: there are no links here, a copy is made. */
  #link(to: Buffer, first: Buffer): boolean {
    try {
      this.#writer.link(to, first);
      return true;
    } catch (error) {
      if (!isErrno(error, ...CANNOT_MAKE, ERRNO.EMLINK)) throw error;
      this.#hooks.onLoss(to, lost.link);
      return false;
    }
  }

  /** False when it cannot be read whole. */
  #content(from: string, inode: Inode, to: Buffer): boolean {
    const { inodes } = this.#writer;
    if ((inode.flags & FLAGS_BEFORE_DATA) !== 0)
      inodes.fileattr(to, inode.flags & FLAGS_BEFORE_DATA);
    let isWhole = true;
    const onDamage = (error: DendroError): void => {
      isWhole = false;
      this.#hooks.onDamage(from, error);
    };
    const chunks = readNamed(from, inode.version, this.#open.resolver);
    for (const { offset, data } of untilDamage(chunks, onDamage)) {
      this.#hooks.cancel.check();
      inodes.write(to, offset, data);
      this.bytes += data.length;
      this.#hooks.onProgress(from);
    }
    if (isWhole) inodes.truncate(to, inode.size);
    return isWhole;
  }
}

function creationOf(inode: Inode): Creation {
  const { kind } = inode;
  if (kind === 'file' || kind === 'directory') return { kind };
  if (kind === 'symlink') return { kind, target: inode.target! };
  return { kind: 'node', mode: KIND_MODE[kind] | inode.mode, rdev: inode.rdev };
}

function joined(parent: Buffer, name: Buffer): Buffer {
  return parent.length === 0 ? name : Buffer.concat([parent, Buffer.from('/'), name]);
}

function parentOf(path: Buffer): Buffer {
  return path.subarray(0, Math.max(0, path.lastIndexOf(0x2f)));
}

function nameOf(path: Buffer): Buffer {
  return path.subarray(path.lastIndexOf(0x2f) + 1);
}
