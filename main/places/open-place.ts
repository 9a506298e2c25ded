import { conflict } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import type { Secrets } from '../archive/folder/keys.ts';
import { openTree } from '../archive/read/open-tree.ts';
import { pickPoint } from '../archive/read/pick.ts';
import { openReader } from '../archive/read/reader.ts';
import type { CancelToken } from '../engine/cancel.ts';
import { volumeFor, type VolumeInput } from '../engine/open-volumes.ts';
import { goneError, sourceGone } from '../engine/restore/source-gone.ts';
import { openSubvolume } from '../engine/tree/index.ts';
import { Presence } from '../linux/presence.ts';
import { ArchiveNode } from './archive-node.ts';
import { FolderTree } from './folder-node.ts';
import type { PlacedNode, PlacedTree } from './node.ts';
import { SnapshotNode } from './snapshot-node.ts';

/** `PointPlace` of the contract as the engine takes it. */
export type PlaceInput =
  | { readonly kind: 'snapshot'; readonly volume: VolumeInput; readonly subvolumeId: number }
  | {
      readonly kind: 'archive';
      readonly folder: string;
      readonly point: string;
      readonly secrets?: Secrets | undefined;
    }
  | { readonly kind: 'folder'; readonly folder: string };

/**
 * Opens a tree wherever it lies; its owner closes it.
 * @throws Conflict 'subvolume-not-found', 'point-not-found', 'no-archive'; Corrupt, Io, Denied
 */
export async function openPlace(place: PlaceInput, cancel: CancelToken): Promise<PlacedTree> {
  switch (place.kind) {
    case 'snapshot':
      return openSnapshot(place, cancel);
    case 'archive':
      return openArchivePoint(place, cancel);
    case 'folder':
      return new FolderTree(Buffer.from(bytesFromText(place.folder.replace(/(?!^)\/+$/, ''))));
  }
}

function openSnapshot(
  { volume, subvolumeId }: PlaceInput & { kind: 'snapshot' },
  cancel: CancelToken,
): PlacedTree {
  const subvolume = openSubvolume(volumeFor(volume, cancel), subvolumeId);
  const path = textFromBytes(subvolume.info.path);
  return {
    top: new SnapshotNode(subvolume, subvolume.rootInode),
    name: path.slice(path.lastIndexOf('/') + 1),
    notes: [],
    isGone: () => sourceGone(subvolume.volume, undefined) !== undefined,
    close: () => {},
  };
}

async function openArchivePoint(
  { folder, point, secrets }: PlaceInput & { kind: 'archive' },
  cancel: CancelToken,
): Promise<PlacedTree> {
  const reader = await openReader(folder, secrets);
  const presence = new Presence(bytesFromText(folder));
  try {
    const ref = pickPoint(reader, point);
    await reader.unlock(reader.closureOf(ref));
    const { tree, resolver } = openTree(reader, ref, cancel);
    return {
      top: new ArchiveNode(tree.top, resolver, ''),
      name: ref.point.name,
      notes: reader.notes,
      isGone: () => presence.isGone(),
      close: () => reader.close(),
    };
  } catch (error) {
    reader.close();
    throw presence.isGone() ? goneError({ path: printable(folder) }, error) : error;
  }
}

/** Uses a tree as long as that takes. */
export async function withPlace<T>(
  place: PlaceInput,
  cancel: CancelToken,
  use: (tree: PlacedTree) => T | Promise<T>,
): Promise<T> {
  const tree = await openPlace(place, cancel);
  try {
    return await use(tree);
  } finally {
    tree.close();
  }
}

/** The node at a path; undefined when there is none. Links are not followed. */
export function findNode({ top }: PlacedTree, path: string): PlacedNode | undefined {
  let node: PlacedNode | undefined = top;
  for (const name of namesOf(path)) node = node?.child(name);
  return node;
}

/** @throws Conflict 'path-not-found' */
export function requireNode(tree: PlacedTree, path: string): PlacedNode {
  const found = findNode(tree, path);
  if (found !== undefined) return found;
  throw conflict(
    'path-not-found',
    say`There is no "${{ path: printable(path) }}" in ${{ name: printable(tree.name) }}.`,
    {
      place: { path: printable(path) },
    },
  );
}

/** A path's names, each a character a byte; `.` and repeated slashes do not matter. */
export function namesOf(path: string): string[] {
  const latin1 = Buffer.from(bytesFromText(path)).toString('latin1');
  return latin1.split('/').filter((name) => name !== '' && name !== '.');
}
