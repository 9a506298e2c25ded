import type { Bytes } from '../stream/command-sink.ts';
import { Attributes } from './attributes.ts';
import { timesOf } from './copy-tree.ts';
import type { FolderClaims } from './folder-claims.ts';
import type { Entry, FolderMemory, Named } from './folder-memory.ts';
import type { Memo } from './memo.ts';
import { latin1 } from './path-names.ts';
import { ownXattrs } from './own-xattrs.ts';
import type { TreeWriter } from './tree-writer.ts';

const S_IFMT = 0o170000;

/**
 * The names of one inode where a filesystem has no hard links, or no more of them: files that are
 * the same. One that was changed is the pattern for the others, sooner or later.
 */
export class FolderCopies {
  readonly #memory: FolderMemory;
  readonly #tree: TreeWriter;
  readonly #names: FolderClaims;
  readonly #isPosix: boolean;
  /** Called when what an inode is has gone into memory, before it is taken off the inode. */
  onKept: ((path: Bytes) => void) | undefined;

  constructor(memory: FolderMemory, tree: TreeWriter, names: FolderClaims, isPosix: boolean) {
    this.#memory = memory;
    this.#tree = tree;
    this.#names = names;
    this.#isPosix = isPosix;
  }

  /**
   * A further name, `name` on disk, of the inode of `path`, which is at `real`. `isRepeated`: a
   * run that was killed may have begun with it.
   */
  add(name: Buffer, path: Bytes, real: Buffer, memo: Memo, isRepeated: boolean): void {
    const isFirst = memo.isCopied !== true;
    if (isFirst && this.#isPosix) this.#keepOf(memo, real);
    memo.isCopied = true;
    this.#memory.has.copies = true;
    if (isFirst) this.onKept?.(path);
    this.#copy(name, real);
    if (this.#isPosix && (isFirst || isRepeated)) this.#strip(real);
  }

  /** The bytes of the file of this entry are about to change. */
  changing(entry: Entry | undefined): void {
    const memo = entry?.memo;
    if (entry === undefined || memo?.isCopied !== true) return;
    const copy = this.#memory.copy(entry);
    if (memo.changed === copy) return;
    this.sync(memo);
    memo.changed = copy;
  }

  /** Makes the copies of each file the same again. */
  syncAll(): void {
    if (!this.#memory.has.copies) return;
    const due = new Map<number, Named[]>();
    for (const named of this.#memory.walk()) {
      const { memo } = named.entry;
      if (memo?.changed === undefined) continue;
      const inode = this.#memory.inodes.of(memo);
      const names = due.get(inode);
      if (names === undefined) due.set(inode, [named]);
      else names.push(named);
    }
    for (const names of due.values()) {
      const memo = this.#memory.find(names[0]!.path)?.memo;
      if (memo !== undefined) this.#sync(memo, names);
      this.#memory.rest();
    }
  }

  /** Makes the copies of one file the same again. */
  sync(memo: Memo): void {
    if (memo.changed === undefined) return;
    const { inodes } = this.#memory;
    const number = inodes.of(memo);
    const names: Named[] = [];
    for (const named of this.#memory.walk()) {
      const other = named.entry.memo;
      if (other !== undefined && inodes.of(other) === number) names.push(named);
    }
    this.#sync(memo, names);
  }

  #sync(memo: Memo, names: readonly Named[]): void {
    const source = names.find(({ entry: { copy } }) => copy === memo.changed);
    memo.changed = undefined;
    // A killed run may have removed it, after its copies were made.
    if (
      source === undefined ||
      this.#names.identityOf(this.#memory.real(source.path)) === undefined
    ) {
      return;
    }
    const from = this.#memory.real(source.path);
    const inode = this.#names.identityOf(from);
    for (const { path, entry } of names) {
      const real = this.#memory.real(path);
      const isSame = this.#isPosix && this.#names.identityOf(real) === inode;
      if (entry !== source.entry && !isSame) this.#copy(real, from);
    }
  }

  /** An inode that had all of its links: what it is, is from now on in memory for all of them. */
  #keepOf(memo: Memo, real: Buffer): void {
    const status = this.#names.statusOf(real);
    memo.mode ??= status.mode & ~S_IFMT;
    memo.uid ??= status.uid;
    memo.gid ??= status.gid;
    memo.times ??= timesOf(status).toString('hex');
    this.#tree.inodes.withFile(real, (fd) => {
      for (const [name, value] of ownXattrs(fd)) {
        const key = latin1(name);
        memo.xattrs ??= new Attributes();
        if (!memo.xattrs.has(key)) memo.xattrs.set(key, value);
      }
    });
  }

  /** Attributes on disk would come back that one of the names is to lose. */
  #strip(real: Buffer): void {
    this.#tree.inodes.withFile(real, (fd) => {
      for (const [name] of ownXattrs(fd)) this.#tree.inodes.removeXattr(real, name);
    });
  }

  #copy(real: Buffer, source: Buffer): void {
    this.#tree.settle();
    if (this.#names.identityOf(real) === undefined) this.#tree.create(real, { kind: 'file' });
    this.#tree.settle();
    const { size } = this.#names.statusOf(source);
    this.#tree.inodes.truncate(real, size);
    this.#tree.inodes.clone(real, 0, size, this.#tree.cloneSource(source), 0);
  }
}
