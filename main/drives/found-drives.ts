import type { Disk } from '../../shared/model/drive.ts';
import type { BlockNode, Probed } from './lsblk.ts';

/** Where filesystems are mounted, as the kernel says. */
export interface MountLine {
  /** The kernel's own node of the device, as /dev/dm-0 for /dev/mapper/backup. */
  readonly source: string;
  readonly path: string;
  /** Of the filesystem only a folder of it is there. */
  readonly isPart?: boolean;
  readonly readOnly?: boolean;
}

/** A filesystem on a device that is here now. */
export interface FoundDrive {
  readonly driveId: string;
  readonly uuid: string;
  readonly filesystem: string;
  readonly label: string;
  readonly sizeBytes: number;
  /** The nodes that hold it: several for btrfs over several devices. */
  readonly devicePaths: readonly string[];
  readonly luks: {
    readonly uuid: string;
    readonly unlocked: boolean;
    readonly path: string;
  } | null;
  readonly disk: Disk;
  /** Where all of it can be written to first. */
  readonly mounts: readonly string[];
  readonly system: boolean;
  /** The running system, or a part of it, is on the same disk. */
  readonly onSystemDisk: boolean;
  /** Other devices with a filesystem of the same UUID: a copy by dd, or one image attached twice. */
  readonly twins: readonly string[];
}

type Described = Omit<FoundDrive, 'onSystemDisk'>;

/** What holds parts of something else, or is nothing that can be written to. */
const NO_DRIVES = new Set([
  'swap',
  'squashfs',
  'iso9660',
  'udf',
  'erofs',
  'LVM2_member',
  'linux_raid_member',
  'ddf_raid_member',
  'isw_raid_member',
  'zfs_member',
  'bcache',
  'mpath_member',
  'drbd',
]);
/** Boot code and alignment, never files. */
const TINY_PART_BYTES = 64 * 1024 * 1024;
const SYSTEM_MOUNTS = new Set(['/', '/boot', '/boot/efi', '/efi', '/usr', '/var', '/home']);

interface Leaf {
  readonly node: BlockNode;
  /** From the disk down to the node that it lies on. */
  readonly above: readonly BlockNode[];
}

/** The filesystems among the block devices, LUKS looked through. */
export function foundDrives(
  nodes: readonly BlockNode[],
  probed: ReadonlyMap<string, Probed>,
  mounts: readonly MountLine[],
): FoundDrive[] {
  const leaves = leavesOf(nodes.map((node) => withProbe(node, probed)));
  const byId = Map.groupBy(leaves, ({ node }) => idOf(node));
  const found = [...byId].map(([driveId, members]) => {
    const { own, twins } = apart(members, probed);
    return describe(driveId, own, twins, mounts);
  });
  const disks = systemDisks(nodes, found);
  return found.map((one) => ({
    ...one,
    onSystemDisk: disksBelow(nodes, one).some((path) => disks.has(path)),
  }));
}

function systemDisks(nodes: readonly BlockNode[], found: readonly Described[]): Set<string> {
  return new Set(found.filter(({ system }) => system).flatMap((one) => disksBelow(nodes, one)));
}

/** The whole disks that a filesystem lies on: several for RAID, LVM and btrfs over several. */
function disksBelow(nodes: readonly BlockNode[], { devicePaths }: Described): string[] {
  const holds = ({ path, children }: BlockNode): boolean =>
    devicePaths.includes(path) || children.some(holds);
  return nodes.filter(holds).map(({ path }) => path);
}

function withProbe(node: BlockNode, probed: ReadonlyMap<string, Probed>): BlockNode {
  const facts = probed.get(node.path);
  const children = node.children.map((child) => withProbe(child, probed));
  if (!facts) return { ...node, children };
  const { filesystem, uuid, label } = facts;
  return { ...node, filesystem, uuid, label, children };
}

function leavesOf(nodes: readonly BlockNode[], above: readonly BlockNode[] = []): Leaf[] {
  const seen = new Set<string>();
  const all = nodes.flatMap((node): Leaf[] => {
    const below = leavesOf(node.children, [...above, node]);
    if (below.length > 0 || node.children.length > 0) return below;
    return isDrive(node, above) ? [{ node, above }] : [];
  });
  // A device over several others is listed below each.
  return all.filter(({ node }) => !seen.has(node.kname) && seen.add(node.kname));
}

function isDrive(node: BlockNode, above: readonly BlockNode[]): boolean {
  if (node.sizeBytes === 0 || NO_DRIVES.has(node.filesystem)) return false;
  if (node.filesystem !== '') return node.uuid !== '';
  // Nothing on it: only what can be taken out is worth a word, a whole disk or a part of one.
  if (!node.removable || node.readOnly) return false;
  return node.type === 'disk' ? above.length === 0 : isRoomyPart(node);
}

/** The part that holds the logical ones of an MBR, and gaps of a GPT, are tiny. */
function isRoomyPart({ type, sizeBytes }: BlockNode): boolean {
  return type === 'part' && sizeBytes > TINY_PART_BYTES;
}

function idOf({ filesystem, uuid, path }: BlockNode): string {
  if (filesystem === '') return `device:${path}`;
  return filesystem === 'crypto_LUKS' ? `luks:${uuid}` : uuid;
}

/** Members of one btrfs have device UUIDs of their own; anything else with one UUID is a copy. */
function apart(
  members: readonly Leaf[],
  probed: ReadonlyMap<string, Probed>,
): { own: readonly Leaf[]; twins: readonly string[] } {
  const pathsOf = (leaves: readonly Leaf[]): string[] => leaves.map(({ node }) => node.path);
  if (members.length === 1) return { own: members, twins: [] };
  const ids = members.map(({ node }) => probed.get(node.path)?.memberUuid ?? '');
  const isOne =
    members.every(({ node }) => node.filesystem === 'btrfs') &&
    !ids.includes('') &&
    new Set(ids).size === ids.length;
  return isOne
    ? { own: members, twins: [] }
    : { own: members.slice(0, 1), twins: pathsOf(members.slice(1)) };
}

function describe(
  driveId: string,
  own: readonly Leaf[],
  twins: readonly string[],
  mounts: readonly MountLine[],
): Described {
  const { node, above } = own[0]!;
  const devicePaths = own.map((leaf) => leaf.node.path);
  const disk = above[0] ?? node;
  const sources = new Set(own.map((leaf) => `/dev/${leaf.node.kname.replaceAll('!', '/')}`));
  const places = mounts
    .filter(({ source }) => sources.has(source))
    .sort((a, b) => useOf(a) - useOf(b))
    .map(({ path }) => path);
  return {
    driveId,
    uuid: node.uuid,
    filesystem: node.filesystem === 'crypto_LUKS' ? '' : node.filesystem,
    label: node.label,
    sizeBytes: own.reduce((sum, leaf) => sum + leaf.node.sizeBytes, 0),
    devicePaths,
    luks: luksOf(node, above),
    disk: {
      path: disk.path,
      model: disk.model,
      vendor: disk.vendor,
      serial: disk.serial,
      transport: disk.transport || (disk.type === 'loop' ? 'loop' : ''),
      removable: disk.removable,
      readOnly: node.readOnly,
    },
    mounts: [...new Set(places)],
    system: places.some((path) => SYSTEM_MOUNTS.has(path)),
    twins,
  };
}

/** The lower, the better to write to. */
function useOf({ isPart = false, readOnly = false }: MountLine): number {
  return (isPart ? 2 : 0) + (readOnly ? 1 : 0);
}

function luksOf(node: BlockNode, above: readonly BlockNode[]): FoundDrive['luks'] {
  if (node.filesystem === 'crypto_LUKS') {
    return { uuid: node.uuid, unlocked: false, path: node.path };
  }
  const container = above.find((one) => one.filesystem === 'crypto_LUKS');
  return container ? { uuid: container.uuid, unlocked: true, path: container.path } : null;
}
