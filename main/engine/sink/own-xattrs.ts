import { cString } from '../../linux/files.ts';
import { getXattr, listXattrs } from '../../linux/xattr.ts';

/** Attributes that filesystems show of their own: XFS a second form of its ACLs, NTFS its insides. */
const FOREIGN = /^(trusted\.SGI_ACL_|system\.(?!posix_acl_))/;

/** Names and values of the attributes that belong to the inode, not to the filesystem it is on. */
export function* ownXattrs(fd: number): Generator<[name: Buffer, value: Buffer]> {
  for (const name of listXattrs(fd)) {
    if (FOREIGN.test(name.toString('latin1'))) continue;
    const value = getXattr(fd, cString(name));
    if (value !== undefined) yield [name, value];
  }
}
