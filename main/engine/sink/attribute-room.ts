import { crc32c } from '@node-rs/crc32';
import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { filesystemInfo } from '../../linux/btrfs-ioctl.ts';
import { ERRNO, isErrno, pathText } from '../../linux/libc-error.ts';
import type { Bytes } from '../stream/command-sink.ts';
import type { InodeWriter } from './inode-writer.ts';

/** Of a leaf: `btrfs_header`, one `btrfs_item` (linux/btrfs_tree.h). */
const LEAF_BYTES = 101 + 25;
/** `btrfs_dir_item`, one for each attribute of an item. */
const EACH_BYTES = 30;

/**
 * To be called when an attribute could not be set on the btrfs of `fd`: it says that it is full of
 * an attribute, too, that has no room in one of its leaves, by itself or with those of the same
 * checksum, which share an item with it.
 * @throws Conflict 'attribute-too-large' then, `error` otherwise
 */
export function throwAttributeError(
  error: unknown,
  fd: number,
  inodes: InodeWriter,
  path: Bytes,
  name: Bytes,
  value: Bytes,
): never {
  if (!isErrno(error, ERRNO.ENOSPC)) throw error;
  const { nodeSize } = filesystemInfo(fd);
  const checksum = crc32c(Buffer.from(name));
  const sharing = inodes
    .xattrs(path)
    .filter((other) => !other.name.equals(name) && crc32c(other.name) === checksum);
  const bytes = sharing.reduce(
    (sum, other) => sum + EACH_BYTES + other.bytes,
    EACH_BYTES + name.length + value.length,
  );
  if (bytes <= nodeSize - LEAF_BYTES) throw error;
  throw conflict(
    'attribute-too-large',
    say`The attribute ${{ name: pathText(name) }} of "${{ path: pathText(path) }}" is larger than this filesystem can hold${sharing.length === 0 ? '' : ', with others of the same checksum'}.`,
    {
      hint: say`Receive it onto a btrfs with nodes of more than ${{ bytes: nodeSize }} bytes (mkfs.btrfs -n), or with --plain.`,
      place: { path: pathText(path) },
    },
  );
}
