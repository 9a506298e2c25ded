import { conflict } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import type { DirectoryEntry, FilePreview } from '../../shared/model/entry.ts';
import type { VerbContext } from '../engine/context.ts';
import { listDirectory, type Listing } from '../engine/verbs/list-directory.ts';
import { previewOf } from '../engine/verbs/preview-file.ts';
import type { CancelToken } from '../engine/cancel.ts';
import { keptTree, type KeptTree } from './kept-tree.ts';
import { modifiedMs, type PlacedNode, type PlacedTree } from './node.ts';
import { requireNode, withPlace, type PlaceInput } from './open-place.ts';

export interface PlacePathInput {
  readonly place: PlaceInput;
  /** From the top; '' is the top. */
  readonly path: string;
}

export interface ListPlaceInput extends PlacePathInput {
  readonly offset: number;
  readonly limit: number;
  /** Of a snapshot: what can be read of a damaged folder, instead of an error. */
  readonly pastDamage?: boolean;
}

/** A page of a folder: folders first, then by name. @throws Conflict 'not-a-directory' */
export async function listPlaceFolder(
  { place, ...asked }: ListPlaceInput,
  context: VerbContext,
): Promise<Listing> {
  // It keeps sorted names for the next page of a large folder.
  if (place.kind === 'snapshot') return listDirectory({ ...place, ...asked }, context);
  const { path, offset, limit } = asked;
  return treeOf(place, context.cancel, (kept) => {
    const isAsked = kept.folder?.path === path;
    const entries = isAsked ? kept.folder!.entries : sortedEntries(kept.tree, path);
    kept.folder = { path, entries };
    const page = entries.slice(offset, offset + limit);
    return { entries: page, total: entries.length, problem: null };
  });
}

/** The tree, for its names and properties: that of an archive stays for the next question. */
export async function treeOf<T>(
  place: PlaceInput,
  cancel: CancelToken,
  use: (kept: Pick<KeptTree, 'tree' | 'folder'>) => T,
): Promise<T> {
  if (place.kind === 'archive') return use(await keptTree(place, cancel));
  return withPlace(place, cancel, (tree) => use({ tree, folder: undefined }));
}

function sortedEntries(tree: PlacedTree, path: string): DirectoryEntry[] {
  const node = requireNode(tree, path);
  if (node.type !== 'directory') throw wrongKind('not-a-directory', path, 'folder');
  const entries = [...node.children()].map(([name, child]) => entryOf(name, child));
  return entries.sort(byKindAndName);
}

/** The first bytes of a file, and what they look like. @throws Conflict 'not-a-file' */
export async function previewPlaceFile(
  { place, path, limitBytes }: PlacePathInput & { readonly limitBytes: number },
  { cancel }: VerbContext,
): Promise<FilePreview> {
  return withPlace(place, cancel, (tree) => {
    const node = requireNode(tree, path);
    if (node.type !== 'file') throw wrongKind('not-a-file', path, 'file');
    const bytes = Buffer.alloc(Math.min(node.sizeBytes, limitBytes));
    for (const { offset, data } of node.read(0, bytes.length)) {
      bytes.set(data.subarray(0, bytes.length - offset), offset);
    }
    return previewOf(bytes, node.sizeBytes);
  });
}

/** @param name a character a byte */
export function entryOf(name: string, node: PlacedNode): DirectoryEntry {
  const { type, inode, sizeBytes, mode, uid, gid } = node;
  const target = node.target();
  return {
    ...{ name: textFromBytes(Buffer.from(name, 'latin1')), type, inode, sizeBytes },
    ...{ modifiedAtMs: modifiedMs(node), mode, uid, gid },
    linkTarget: target === undefined ? null : textFromBytes(target),
  };
}

function byKindAndName(a: DirectoryEntry, b: DirectoryEntry): number {
  const rank = ({ type }: DirectoryEntry): number =>
    type === 'directory' || type === 'subvolume' ? 0 : 1;
  return rank(a) - rank(b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

function wrongKind(code: string, path: string, wanted: string): Error {
  return conflict(code, say`"${{ path: printable(path) }}" is not a ${wanted}.`, {
    place: { path: printable(path) },
  });
}
