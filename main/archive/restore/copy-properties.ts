import { INODE_FLAG } from '../../engine/format/constants.ts';
import type { InodeWriter } from '../../engine/sink/inode-writer.ts';
import { isCapability } from '../../engine/stream/attributes.ts';
import { ERRNO, isErrno } from '../../linux/libc-error.ts';
import type { Inode } from '../tree/inode.ts';
import type { Note } from '../../../shared/said.ts';
import { lost, lostAttribute } from '../../engine/sink/lost.ts';

/** Set before the first byte: they cannot be changed on a file that has data. */
export const FLAGS_BEFORE_DATA = INODE_FLAG.nodatacow | INODE_FLAG.nodatasum;
/** They bar further changes; a restored file is for its owner to use. */
const BARRING = INODE_FLAG.immutable | INODE_FLAG.append;
/** What another filesystem, or a user who is not root, cannot take. */
const NOT_THERE = [
  ERRNO.EOPNOTSUPP,
  ERRNO.ENOSYS,
  ERRNO.EPERM,
  ERRNO.EACCES,
  ERRNO.EINVAL,
  ERRNO.ENODATA,
  ERRNO.ENOTTY,
  ERRNO.ENOSPC,
  ERRNO.E2BIG,
  ERRNO.ERANGE,
  ERRNO.EIO,
];

/** Owner, mode, attributes, flags and times; what the target cannot keep is reported. */
export function copyProperties(
  inode: Inode,
  to: Buffer,
  writer: InodeWriter,
  onLoss: (path: Uint8Array, what: Note) => void,
): void {
  const keep = (what: Note, write: () => void): void => {
    try {
      write();
    } catch (error) {
      if (!isErrno(error, ...NOT_THERE)) throw error;
      onLoss(to, what);
    }
  };
  const setAttributes = (isWanted: (name: Buffer) => boolean): void => {
    for (const [text, value] of inode.xattrs ?? []) {
      const name = Buffer.from(text, 'latin1');
      if (isWanted(name)) keep(lostAttribute(text), () => writer.setXattr(to, name, value));
    }
  };
  setAttributes((name) => !isCapability(name));
  keep(lost.owner, () => writer.chown(to, inode.uid, inode.gid));
  if (inode.kind !== 'symlink') keep(lost.mode, () => writer.chmod(to, inode.mode));
  setAttributes(isCapability);
  const flags = inode.flags & ~BARRING;
  if (flags !== 0) keep(lost.flags, () => writer.fileattr(to, flags));
  if ((inode.flags & BARRING) !== 0) onLoss(to, lost.barring);
  const { times } = inode;
  if (times !== undefined) keep(lost.times, () => writer.utimes(to, times));
  writer.leave();
}
