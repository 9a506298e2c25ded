import { createSnapshot, createSubvolume } from '../../linux/btrfs-ioctl.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openBeneath } from '../../linux/files.ts';
import { refusalOf } from './refusals.ts';
import { parentPath } from './destination.ts';
import type { ReflinkSource } from './reflink-source.ts';
import type { Subvolume } from '../tree/index.ts';

/**
 * On the same filesystem a whole subvolume comes back as what it is: a read-write snapshot of
 * the point, at once. False: it has to be copied.
 */
export function trySnapshot(
  root: number,
  to: Uint8Array,
  subvolume: Subvolume,
  reflink: ReflinkSource | undefined,
): boolean {
  const source = reflink?.subvolume(subvolume);
  if (source === undefined) return false;
  return inParent(root, to, (parent, name) => createSnapshot(parent, name, source, false));
}

/** On another btrfs the copy is a subvolume too. False: where there are none, a folder. */
export function tryCreateSubvolume(root: number, to: Uint8Array): boolean {
  return inParent(root, to, createSubvolume);
}

function inParent(
  root: number,
  path: Uint8Array,
  make: (parent: number, name: Uint8Array) => void,
): boolean {
  const above = parentPath(path);
  const beneath = cString(above.length === 0 ? '.' : above);
  const parent = openBeneath(root, beneath, O_RDONLY | O_DIRECTORY);
  try {
    make(parent, path.subarray(path.lastIndexOf(0x2f) + 1));
    return true;
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    return false;
  } finally {
    closeFd(parent);
  }
}
