import { ERRNO, isErrno } from '../../linux/libc-error.ts';
import { INODE_FLAG } from '../format/constants.ts';
import type { InodeWriter } from '../sink/inode-writer.ts';
import { isSymlink, readXattrs, type Inode, type Subvolume } from '../tree/index.ts';
import type { Note } from '../../../shared/said.ts';
import { lost, lostAttribute } from '../sink/lost.ts';

export type OnLoss = (path: Uint8Array, what: Note) => void;

const CAPABILITY = 'security.capability';
/** They bar further changes; a restored file is for its owner to use. */
const BARRING = INODE_FLAG.immutable | INODE_FLAG.append;
/** What another filesystem, or a user who is not root, cannot take. */
const NOT_THERE = [
  ERRNO.ENOTSUP,
  ERRNO.EOPNOTSUPP,
  ERRNO.EPERM,
  ERRNO.EINVAL,
  ERRNO.ENODATA,
  ERRNO.ENOTTY,
  ERRNO.ENOSYS,
];
/** Filesystems that keep the attributes of an inode in one block have little room for them. */
const NO_ROOM = [ERRNO.ENOSPC, ERRNO.E2BIG, ERRNO.ERANGE];

/**
 * Owner, mode, attributes, flags and times, in an order in which none undoes another. What the
 * target cannot keep is reported, and the rest goes on.
 */
export function writeProperties(
  subvolume: Subvolume,
  inode: Inode,
  to: Uint8Array,
  writer: InodeWriter,
  onLoss: OnLoss,
): void {
  const keep = (what: Note, write: () => void, refusals = NOT_THERE): void =>
    keepIfPossible(() => onLoss(to, what), write, refusals);
  const xattrs = readXattrs(subvolume, inode.number);
  const isCapability = (name: Uint8Array): boolean => Buffer.from(name).toString() === CAPABILITY;
  for (const { name, value } of xattrs) {
    if (isCapability(name)) continue;
    const refusals = [...NOT_THERE, ...NO_ROOM];
    keep(attributeName(name), () => writer.setXattr(to, name, value), refusals);
  }
  keep(lost.owner, () => writer.chown(to, inode.uid, inode.gid));
  if (!isSymlink(inode.mode)) keep(lost.mode, () => writer.chmod(to, inode.mode & 0o7777));
  // Last of the attributes: a change of owner takes capabilities away.
  for (const { name, value } of xattrs.filter((xattr) => isCapability(xattr.name))) {
    keep(lost.capabilities, () => writer.setXattr(to, name, value));
  }
  const flags = inode.flags & ~BARRING;
  if (flags !== 0) keep(lost.flags, () => writer.fileattr(to, flags));
  if ((inode.flags & BARRING) !== 0) onLoss(to, lost.barring);
  keep(lost.times, () => writer.utimes(to, inode.times));
  writer.leave();
}

/** Of a folder of pieces: that all of them are there. It is no loss where it has no such times. */
export function keepTimes(times: Uint8Array, to: Uint8Array, writer: InodeWriter): void {
  keepIfPossible(
    () => {},
    () => writer.utimes(to, times),
  );
  writer.leave();
}

/** Goes on without what the target cannot keep. */
export function keepIfPossible(
  onRefused: () => void,
  write: () => void,
  refusals: readonly number[] = NOT_THERE,
): void {
  try {
    write();
  } catch (error) {
    if (!isErrno(error, ...refusals)) throw error;
    onRefused();
  }
}

function attributeName(name: Uint8Array): Note {
  return lostAttribute(Buffer.from(name).toString());
}
