import type { Difference } from '../harness/compare.ts';

/**
 * What the kernel makes impossible at a receiver (test/send/KERNEL.md): the flag `compress`
 * without the property, as some new inodes have it, for setting the flag sets the property, and
 * taking that away takes the flag along; and under a seal another algorithm than the mount's.
 */
export function isKnown({ aspect, left, right }: Difference): boolean {
  const [before, after] = [left.split(' '), right.split(' ')];
  const added = after.filter((xattr) => !before.includes(xattr));
  return aspect === 'xattrs' && added.length === 1 && added[0]!.startsWith('btrfs.compression=');
}
