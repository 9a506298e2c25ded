import type { Bytes } from '../stream/command-sink.ts';
import { uuidText } from '../stream/dump-text.ts';
import { ConfinedTree } from './confined-tree.ts';
import { OpenInode } from './open-inode.ts';
import type { SubvolumeFinder } from './subvolume-finder.ts';
import { readableFile } from './tree-writer.ts';

/** Files of other snapshots that the stream clones from, each path confined to its snapshot. */
export class CloneSources {
  readonly #finder: SubvolumeFinder;
  readonly #trees = new Map<string, { tree: ConfinedTree; inode: OpenInode }>();

  constructor(finder: SubvolumeFinder) {
    this.#finder = finder;
  }

  /** A descriptor for reading, valid until the next call. */
  open(uuid: Bytes, transid: number, path: Bytes): number {
    const key = `${uuidText(uuid)} ${transid}`;
    let source = this.#trees.get(key);
    if (source === undefined) {
      const tree = new ConfinedTree(this.#finder.open(uuid, transid));
      source = { tree, inode: new OpenInode(tree) };
      this.#trees.set(key, source);
    }
    return readableFile(source.inode, path);
  }

  close(): void {
    for (const { tree, inode } of this.#trees.values()) {
      inode.leave();
      tree.close();
    }
    this.#trees.clear();
  }
}
