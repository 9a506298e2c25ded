import { closeFd } from '../../linux/files.ts';
import type { Bytes } from '../stream/command-sink.ts';
import { uuidText } from '../stream/dump-text.ts';
import { ConfinedTree } from './confined-tree.ts';
import type { ContentSource } from './folder-content.ts';
import type { FolderSource } from './folder-target.ts';
import { OpenInode } from './open-inode.ts';
import { readableFile } from './tree-writer.ts';

/** Open at a time: what is remembered of each tree is in memory in part. */
const MOST_TREES = 16;

interface OpenTree extends FolderSource {
  readonly tree: ConfinedTree;
  readonly inode: OpenInode;
}

/** Files of other trees that the stream clones from: a tree and what belongs to it is read once. */
export class FolderSources {
  readonly #open: (uuid: Bytes, ctransid: number) => FolderSource;
  /** The one that was used last is the last. */
  readonly #trees = new Map<string, OpenTree>();

  constructor(open: (uuid: Bytes, ctransid: number) => FolderSource) {
    this.#open = open;
  }

  /** Good until the next call. @throws Conflict 'parent-missing' */
  at(uuid: Bytes, ctransid: number, path: Bytes): ContentSource {
    const { memory, parts, inode } = this.#treeOf(uuid, ctransid);
    memory.rest();
    const large = memory.find(path)?.memo?.large;
    return { fd: readableFile(inode, memory.real(path)), large, parts };
  }

  close(): void {
    for (const open of this.#trees.values()) leave(open);
    this.#trees.clear();
  }

  #treeOf(uuid: Bytes, ctransid: number): OpenTree {
    const key = `${uuidText(uuid)} ${ctransid}`;
    const known = this.#trees.get(key);
    this.#trees.delete(key);
    const open = known ?? this.#begin(uuid, ctransid);
    this.#trees.set(key, open);
    return open;
  }

  #begin(uuid: Bytes, ctransid: number): OpenTree {
    const source = this.#open(uuid, ctransid);
    const [first] = this.#trees;
    if (first !== undefined && this.#trees.size >= MOST_TREES) {
      leave(first[1]);
      this.#trees.delete(first[0]);
    }
    const tree = new ConfinedTree(source.top);
    return { ...source, tree, inode: new OpenInode(tree) };
  }
}

function leave({ top, tree, inode }: OpenTree): void {
  inode.leave();
  tree.close();
  closeFd(top);
}
