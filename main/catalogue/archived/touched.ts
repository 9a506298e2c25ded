import type { Inode } from '../../archive/tree/inode.ts';
import type { ArchiveTree } from '../../archive/tree/tree.ts';

/** Inodes that the streams say something of, from one point to the next. */
export class Touched {
  readonly #tree: ArchiveTree;
  #inodes = new Set<Inode>();
  /** Of what was not there yet when it was told of. */
  #paths = new Set<string>();

  constructor(tree: ArchiveTree) {
    this.#tree = tree;
    tree.watch = (path) => {
      const inode = tree.find(path);
      if (inode === undefined) this.#paths.add(path);
      else this.#inodes.add(inode);
    };
  }

  /** What was touched since it was asked last; removed inodes are among them. */
  take(): ReadonlySet<Inode> {
    const inodes = this.#inodes;
    for (const path of this.#paths) {
      const inode = this.#tree.find(path);
      if (inode !== undefined) inodes.add(inode);
    }
    this.#inodes = new Set();
    this.#paths = new Set();
    return inodes;
  }
}
