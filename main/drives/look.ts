import { realpathSync } from 'node:fs';
import { textFromBytes } from '../../shared/model/bytes-text.ts';
import { readMounts } from '../linux/mounts.ts';
import { foundDrives, type FoundDrive, type MountLine } from './found-drives.ts';
import { listBlockNodes, probe, udevKnows, type BlockNode } from './lsblk.ts';

/** Every filesystem on a block device of this computer, as it is now. */
export async function lookForDrives(): Promise<FoundDrive[]> {
  const nodes = await listBlockNodes();
  const all = flat(nodes);
  const strangers = all.filter((node) => !isPartitioned(node) && !udevKnows(node));
  const shared = sharedUuids(all.filter(udevKnows));
  const probed = await probe([...strangers, ...shared].map((node) => node.path));
  return foundDrives(nodes, probed, mountLines());
}

function flat(nodes: readonly BlockNode[]): BlockNode[] {
  return nodes.flatMap((node) => [node, ...flat(node.children)]);
}

function isPartitioned({ sizeBytes, children }: BlockNode): boolean {
  return sizeBytes === 0 || children.some(({ type }) => type === 'part');
}

/** lsblk does not say which member of a btrfs a device is: blkid must, where a UUID comes twice. */
function sharedUuids(nodes: readonly BlockNode[]): BlockNode[] {
  const byUuid = Map.groupBy(
    nodes.filter((node) => node.filesystem === 'btrfs'),
    (node) => node.uuid,
  );
  return [...byUuid.values()].filter((group) => group.length > 1).flat();
}

function mountLines(): MountLine[] {
  return readMounts()
    .map((mount) => ({
      source: textFromBytes(mount.source),
      path: textFromBytes(mount.mountPoint),
      // Of btrfs a subvolume is a whole of its own.
      isPart: mount.filesystem !== 'btrfs' && textFromBytes(mount.root) !== '/',
      readOnly: mount.readOnly,
    }))
    .filter(({ source }) => source.startsWith('/dev/'))
    .map((line) => ({ ...line, source: real(line.source) }));
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
