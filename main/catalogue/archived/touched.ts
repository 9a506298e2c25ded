import type { ArchiveTree } from '../../archive/tree/tree.ts';

/** Inodes, by their numbers in the tree, that the streams say something of, from one point to the next. */
export class Touched {
  readonly #tree: ArchiveTree;
  #inodes = new Set<number>();
  /** Of what was not there yet when it was told of. */
  #paths = new Set<string>();

  constructor(tree: ArchiveTree) {
    this.#tree = tree;
    tree.watch = (path) => {
      const inode = tree.find(path);
      if (inode === undefined) this.#paths.add(path);
      else this.#inodes.add(inode.id);
    };
  }

  /** What was touched since it was asked last; removed inodes are among them. */
  take(): ReadonlySet<number> {
    const inodes = this.#inodes;
    for (const path of this.#paths) {
      const inode = this.#tree.find(path);
      if (inode !== undefined) inodes.add(inode.id);
    }
    this.#inodes = new Set();
    this.#paths = new Set();
    return inodes;
  }
}
