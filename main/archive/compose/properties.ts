import type { ComposedSink } from './compose.ts';
import { isCapability } from '../../engine/stream/attributes.ts';
import type { Inode } from '../tree/inode.ts';

/**
 * Everything of an inode but names and content, in an order in which none undoes another:
 * attributes, owner, mode, capabilities (which a change of owner takes away), times, flags.
 */
export function writeProperties(
  sink: ComposedSink,
  path: Buffer,
  inode: Inode,
  protocol: number,
): void {
  const xattrs = [...(inode.xattrs ?? [])].map(
    ([name, value]) => [Buffer.from(name, 'latin1'), value] as const,
  );
  for (const [name, value] of xattrs) {
    if (!isCapability(name)) sink.setXattr(path, name, value);
  }
  sink.chown(path, inode.uid, inode.gid);
  if (inode.kind !== 'symlink') sink.chmod(path, inode.mode);
  for (const [name, value] of xattrs) {
    if (isCapability(name)) sink.setXattr(path, name, value);
  }
  const { times, verity } = inode;
  if (times !== undefined) sink.utimes(path, times, inode.hasOtime && protocol > 1);
  if (protocol > 1 && inode.flags !== 0) sink.fileattr(path, inode.flags);
  if (protocol > 2 && verity !== undefined) {
    const { algorithm, blockSize, salt, signature } = verity;
    sink.enableVerity(path, algorithm, blockSize, salt, signature);
  }
}
