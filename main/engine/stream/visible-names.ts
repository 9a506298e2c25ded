import type { InodeView } from '../diff/inode-item.ts';
import type { Xattr } from '../diff/xattrs.ts';
import { excluder, type IsExcluded } from './exclude.ts';
import { Namespace, TOP, type Link, type NameTree } from './namespace.ts';
import type { TreeRoot } from '../volume/tree-root.ts';
import type { TreeNames } from './tree-names.ts';

/** A snapshot as it was sent: all of it, or without some paths. */
export interface SentTree {
  readonly root: TreeRoot;
  /** Patterns of gitignore(5). */
  readonly excludes: readonly string[];
}

/** What sending must know of a tree: names, and inodes with their attributes. */
export interface InodeTree extends NameTree {
  inode(inode: number): InodeView | undefined;
  xattrs(inode: number): Xattr[];
}

const MAX_KNOWN = 1 << 17;

/** The tree as it was sent. */
export function sentView(tree: TreeNames, excludes: readonly string[]): InodeTree {
  const isExcluded = excluder(excludes);
  return isExcluded === undefined ? tree : new VisibleNames(tree, isExcluded);
}

/** A tree without the paths that are left out: an inode without a name left is not there. */
export class VisibleNames implements InodeTree {
  readonly #tree: TreeNames;
  readonly #isExcluded: IsExcluded;
  /** Names as the tree has them, for paths. */
  readonly #paths: Namespace;
  readonly #directories = new Map<number, boolean>([[TOP, true]]);

  constructor(tree: TreeNames, isExcluded: IsExcluded) {
    this.#tree = tree;
    this.#isExcluded = isExcluded;
    this.#paths = new Namespace(undefined, tree);
    this.#paths.advance(Number.MAX_SAFE_INTEGER);
  }

  inode(inode: number): InodeView | undefined {
    const item = this.#tree.inode(inode);
    return item === undefined || !this.#isVisible(inode, item) ? undefined : item;
  }

  xattrs(inode: number): Xattr[] {
    return this.#tree.xattrs(inode);
  }

  essence(inode: number): string {
    return this.#tree.essence(inode);
  }

  identity(inode: number): number {
    const item = this.inode(inode);
    return item === undefined || item.links === 0 ? -1 : item.identity;
  }

  links(inode: number): readonly Link[] {
    const item = this.#tree.inode(inode);
    if (item === undefined) return [];
    return this.#visibleLinks(inode, item.isDirectory);
  }

  holder(directory: number, name: Uint8Array): number {
    const inode = this.#tree.holder(directory, name);
    if (inode === 0 || inode === TOP) return 0;
    const item = this.#tree.inode(inode);
    if (item === undefined) return 0;
    return this.#isLinkVisible({ parent: directory, name }, item.isDirectory) ? inode : 0;
  }

  *children(directory: number): Generator<{ inode: number; name: Uint8Array }> {
    for (const child of this.#tree.children(directory)) {
      if (this.holder(directory, child.name) === child.inode) yield child;
    }
  }

  #isVisible(inode: number, item: InodeView): boolean {
    if (inode === TOP) return true;
    if (item.isDirectory) return this.#isDirectoryVisible(inode);
    return this.#visibleLinks(inode, false).length > 0;
  }

  #visibleLinks(inode: number, isDirectory: boolean): readonly Link[] {
    return this.#tree.links(inode).filter((link) => this.#isLinkVisible(link, isDirectory));
  }

  #isLinkVisible(link: Link, isDirectory: boolean): boolean {
    if (!this.#isDirectoryVisible(link.parent)) return false;
    return !this.#isExcluded(this.#paths.pathOf(link), isDirectory);
  }

  #isDirectoryVisible(directory: number): boolean {
    let isVisible = this.#directories.get(directory);
    if (isVisible === undefined) {
      const [link] = this.#tree.links(directory);
      isVisible = link !== undefined && this.#isLinkVisible(link, true);
      if (this.#directories.size > MAX_KNOWN) this.#directories.clear();
      this.#directories.set(TOP, true).set(directory, isVisible);
    }
    return isVisible;
  }
}
