import { ByteList } from '../index/byte-list.ts';
import type { Inode } from './inode.ts';
import type { ArchiveTree } from './tree.ts';

const ID_BYTES = 4;

/**
 * The files whose content a stream changes in part, so that its index says no hash of them; by their
 * inodes, for a folder above them may be moved behind that.
 *
 *   u32 inode | path when it changed
 */
export class DueFiles {
  readonly #list = new ByteList();
  readonly #id = Buffer.alloc(ID_BYTES);
  #last = -1;

  add({ id }: Inode, path: string): void {
    if (id === this.#last) return;
    this.#last = id;
    this.#id.writeUInt32LE(id);
    this.#list.add(this.#id, Buffer.from(path, 'latin1'));
  }

  /** The stream says the hash of it. */
  hashed({ id }: Inode): void {
    if (id !== this.#last) return;
    this.#list.dropLast();
    this.#last = -1;
  }

  /** Those that are still there without a hash, each by a name that it has now. */
  *named(tree: ArchiveTree): Generator<readonly [path: string, inode: Inode]> {
    const moved = new Set<number>();
    for (const entry of this.#list) {
      const inode = tree.inode(entry.readUInt32LE());
      if (!isDue(inode)) continue;
      const path = entry.toString('latin1', ID_BYTES);
      if (tree.find(path)?.id === inode.id) yield [path, inode];
      else moved.add(inode.id);
    }
    if (moved.size === 0) return;
    for (const { path, inode } of tree.walk()) if (moved.delete(inode.id)) yield [path, inode];
  }
}

function isDue(inode: Inode): boolean {
  return inode.links > 0 && inode.sha256 === undefined && !inode.isIncomplete;
}
