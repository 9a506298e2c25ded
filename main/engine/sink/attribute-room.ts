import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { filesystemInfo } from '../../linux/btrfs-ioctl.ts';
import { ERRNO, isErrno, pathText } from '../../linux/libc-error.ts';
import type { Bytes } from '../stream/command-sink.ts';

/** Of a leaf: `btrfs_header`, one `btrfs_item`, one `btrfs_dir_item` (linux/btrfs_tree.h). */
const OVERHEAD_BYTES = 101 + 25 + 30;

/**
 * To be called when an attribute could not be set on the btrfs of `fd`: it says that it is full of
 * an attribute, too, that has no room in one of its leaves.
 * @throws Conflict 'attribute-too-large' then, `error` otherwise
 */
export function throwAttributeError(
  error: unknown,
  fd: number,
  path: Bytes,
  name: Bytes,
  value: Bytes,
): never {
  if (!isErrno(error, ERRNO.ENOSPC)) throw error;
  const { nodeSize } = filesystemInfo(fd);
  if (name.length + value.length <= nodeSize - OVERHEAD_BYTES) throw error;
  throw conflict(
    'attribute-too-large',
    say`The attribute ${{ name: pathText(name) }} of "${{ path: pathText(path) }}" is larger than this filesystem can hold.`,
    {
      hint: say`Receive it onto a btrfs with nodes of more than ${{ bytes: nodeSize }} bytes (mkfs.btrfs -n), or with --plain.`,
      place: { path: pathText(path) },
    },
  );
}
