import { shownFlags } from '../../engine/proof/inode-aspects.ts';
import type { PlacedNode } from '../node.ts';

/**
 * What differs between two nodes of one type, in words. What a place does not keep is no
 * difference; of a folder neither its times nor its size count, which its names make.
 */
export function aspectsOf(
  old: PlacedNode,
  fresh: PlacedNode,
  isOtherContent: () => boolean,
): string[] {
  if (fresh.type === 'subvolume') return [];
  const isFolder = fresh.type === 'directory';
  const isNode = fresh.type === 'block' || fresh.type === 'character';
  const found: Record<string, boolean> = {
    data: fresh.type === 'file' && isOtherContent(),
    size: old.sizeBytes !== fresh.sizeBytes,
    target: fresh.type === 'symlink' && !isSameTarget(old, fresh),
    device: isNode && old.rdev !== fresh.rdev,
    mode: fresh.type !== 'symlink' && old.mode !== fresh.mode,
    owner: old.uid !== fresh.uid || old.gid !== fresh.gid,
    xattrs: !isSameXattrs(old, fresh),
    flags: !isSameFlags(old, fresh),
    links: !isFolder && old.links !== fresh.links,
    times: !isFolder && !isSameTime(old, fresh),
  };
  return Object.keys(found).filter((aspect) => found[aspect]);
}

export function isSameTime(
  { modified: a }: Pick<PlacedNode, 'modified'>,
  { modified: b }: Pick<PlacedNode, 'modified'>,
): boolean {
  if (a === undefined || b === undefined) return true;
  return a.seconds === b.seconds && a.nanoseconds === b.nanoseconds;
}

function isSameFlags({ flags: a }: PlacedNode, { flags: b }: PlacedNode): boolean {
  return a === undefined || b === undefined || shownFlags(a) === shownFlags(b);
}

function isSameTarget(old: PlacedNode, fresh: PlacedNode): boolean {
  const [a, b] = [old.target(), fresh.target()];
  return a !== undefined && b !== undefined && a.equals(b);
}

function isSameXattrs(old: PlacedNode, fresh: PlacedNode): boolean {
  const [a, b] = [old.xattrs(), fresh.xattrs()];
  return a.size === b.size && [...a].every(([name, value]) => b.get(name)?.equals(value) === true);
}
