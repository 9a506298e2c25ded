import { INODE_FLAG } from '../../engine/format/constants.ts';
import { isDamage } from '../../engine/volume/index.ts';
import { keepIfPossible } from '../../engine/restore/write-properties.ts';
import type { InodeWriter } from '../../engine/sink/inode-writer.ts';
import { isCapability } from '../../engine/stream/attributes.ts';
import { ERRNO } from '../../linux/libc-error.ts';
import type { PlacedNode } from '../node.ts';
import { fromPlace } from './from-place.ts';
import type { Note } from '../../../shared/said.ts';
import { lost, lostAttribute } from '../../engine/sink/lost.ts';

/** They bar further changes; a restored file is for its owner to use. */
const BARRING = INODE_FLAG.immutable | INODE_FLAG.append;
/** What another filesystem, or a user who is not root, cannot take. */
const NOT_THERE = [
  ...[ERRNO.EOPNOTSUPP, ERRNO.ENOSYS, ERRNO.EPERM, ERRNO.EACCES, ERRNO.EINVAL, ERRNO.ENODATA],
  ...[ERRNO.ENOTTY, ERRNO.ENOSPC, ERRNO.E2BIG, ERRNO.ERANGE, ERRNO.EIO],
];

export interface PropertyHooks {
  readonly onLoss: (path: Uint8Array, what: Note) => void;
  /** Ends the restore where the place is not damaged but gone. @throws Io 'source-gone' */
  readonly throwIfGone: (cause: unknown) => void;
}

/** Owner, mode, attributes, flags and times, in an order in which none undoes another. */
export function writeProperties(
  node: PlacedNode,
  to: Uint8Array,
  writer: InodeWriter,
  { onLoss, throwIfGone }: PropertyHooks,
): void {
  const keep = (what: Note, write: () => void): void =>
    keepIfPossible(() => onLoss(to, what), write, NOT_THERE);
  const xattrs = xattrsOf(node, (error) => {
    throwIfGone(error);
    onLoss(to, lost.attributes);
  }).map(([name, value]) => ({
    ...{ text: name, name: Buffer.from(name, 'latin1') },
    value,
  }));
  for (const { text, name, value } of xattrs) {
    if (!isCapability(name)) keep(lostAttribute(text), () => writer.setXattr(to, name, value));
  }
  keep(lost.owner, () => writer.chown(to, node.uid, node.gid));
  if (node.type !== 'symlink') keep(lost.mode, () => writer.chmod(to, node.mode));
  // Last of the attributes: a change of owner takes capabilities away.
  for (const { name, value } of xattrs.filter((xattr) => isCapability(xattr.name))) {
    keep(lost.capabilities, () => writer.setXattr(to, name, value));
  }
  const flags = (node.flags ?? 0) & ~BARRING & ~INODE_FLAG.prealloc;
  if (flags !== 0) keep(lost.flags, () => writer.fileattr(to, flags));
  if (((node.flags ?? 0) & BARRING) !== 0) onLoss(to, lost.barring);
  const { times } = node;
  if (times !== undefined) keep(lost.times, () => writer.utimes(to, times));
  writer.leave();
}

function xattrsOf(
  node: PlacedNode,
  onDamage: (error: unknown) => void,
): readonly (readonly [string, Buffer])[] {
  try {
    return [...fromPlace(() => node.xattrs())];
  } catch (error) {
    if (!isDamage(error)) throw error;
    onDamage(error);
    return [];
  }
}
