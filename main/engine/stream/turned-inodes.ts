import { InodeChanges } from '../diff/inode-changes.ts';
import { walkChanges } from '../diff/walk.ts';
import type { Volume } from '../volume/index.ts';
import { isSame, TOP, type Link } from './namespace.ts';
import { TreeNames } from './tree-names.ts';
import type { InodeTree, SentTree } from './visible-names.ts';

/**
 * Inodes that may look the same in both trees and yet have names that are left out of one of
 * them only, highest first: because a directory above has moved, or because the patterns are
 * others than the parent was sent with.
 * @param views both trees as they are sent.
 */
export function turnedInodes(
  source: Volume,
  old: SentTree,
  fresh: SentTree,
  views: { readonly old: InodeTree; readonly fresh: InodeTree },
): number[] {
  const tree = new TreeNames(source, fresh.root);
  const seen = new Set<number>();
  const turned = new Set<number>();
  const visit = (top: number): void => {
    for (const waiting = [top]; waiting.length > 0;) {
      const directory = waiting.pop()!;
      if (seen.has(directory)) continue;
      seen.add(directory);
      for (const { inode } of tree.children(directory)) {
        if (!hasSameLinks(views.old.links(inode), views.fresh.links(inode))) turned.add(inode);
        if (tree.inode(inode)?.isDirectory === true) waiting.push(inode);
      }
    }
  };
  if (JSON.stringify(old.excludes) !== JSON.stringify(fresh.excludes)) visit(TOP);
  else {
    const changes = new InodeChanges(({ inode, hasNames }) => {
      if (hasNames && inode !== TOP && tree.inode(inode)?.isDirectory === true) visit(inode);
    });
    walkChanges(source, old.root, fresh.root, changes);
    changes.finish();
  }
  return [...turned].sort((a, b) => b - a);
}

function hasSameLinks(a: readonly Link[], b: readonly Link[]): boolean {
  return a.length === b.length && a.every((link, i) => isSame(link, b[i]!.parent, b[i]!.name));
}
