import type { DirectoryEntry } from '../../../shared/model/entry.ts';
import type { VerbContext } from '../../engine/context.ts';
import type { Inode } from '../tree/inode.ts';
import { cleaned, lastName, lookup } from '../tree/tree.ts';
import { entryOf, outward, type TakePath } from './entries.ts';
import { withNames, type NamedChild } from './kept-names.ts';
import { inward, type PointInput } from './session.ts';
import type { Note } from '../../../shared/said.ts';

export interface ListInput extends PointInput {
  readonly path: string;
  readonly offset?: number;
  readonly limit?: number;
}

export interface Listing {
  readonly entries: DirectoryEntry[];
  readonly total: number;
  readonly notes: readonly Note[];
}

/** A folder of a point: folders first, then by name; of anything else, itself. */
export function listArchiveFolder(input: ListInput, { cancel }: VerbContext): Promise<Listing> {
  return withNames(input, cancel, (names) => {
    const path = cleaned(inward(input.path));
    const inode = lookup(names.tree, path);
    if (names.folder?.id !== inode.id) {
      names.folder = { id: inode.id, names: inOrder(inode, path) };
    }
    const all = names.folder.names;
    const { offset = 0, limit = all.length } = input;
    const entries = all
      .slice(offset, offset + limit)
      .map((child) => entryOf(child.name, child.inode));
    return { entries, total: all.length, notes: names.notes };
  });
}

/**
 * Everything below a folder, each as it is come to: a folder, what is in it, the next one.
 * Returns the notes of the archive.
 */
export function listArchiveBelow(
  input: PointInput & { readonly path: string },
  { cancel }: VerbContext,
  take: TakePath,
): Promise<readonly Note[]> {
  return withNames(input, cancel, ({ tree, notes }) => {
    const top = cleaned(inward(input.path));
    const inode = lookup(tree, top);
    const above = inode.children === undefined ? top.slice(0, top.lastIndexOf('/') + 1) : `${top}/`;
    const open = [openFolder(inode, top, top === '' ? '' : outward(above))];
    for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
      cancel.check();
      const next = folder.children.next();
      if (next.done === true) {
        open.pop();
        continue;
      }
      const { name, text, inode } = next.value;
      const path = folder.prefix + text;
      take(path, () => entryOf(name, inode));
      if (inode.children !== undefined) open.push(openFolder(inode, name, `${path}/`));
    }
    return notes;
  });
}

function openFolder(inode: Inode, path: string, prefix: string) {
  return { prefix, children: inOrder(inode, path).values() };
}

/** What a comparison asks for is looked up once for each name. */
function inOrder(inode: Inode, path: string): NamedChild[] {
  const children = inode.children ?? [[lastName(path), inode] as const];
  const [folders, others]: [NamedChild[], NamedChild[]] = [[], []];
  for (const [name, child] of children) {
    const into = child.kind === 'directory' ? folders : others;
    into.push({ name, text: outward(name), inode: child });
  }
  return [...folders.sort(byText), ...others.sort(byText)];
}

function byText(a: NamedChild, b: NamedChild): number {
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}
