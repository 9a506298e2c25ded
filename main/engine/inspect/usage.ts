import { GROUP, KEY, OBJECT, TREE } from '../format/constants.ts';
import { BLOCK_GROUP_ITEM, DEVICE_ITEM } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import { hex } from '../volume/members.ts';
import type { Volume } from '../volume/index.ts';

export interface GroupUsage {
  readonly kind: 'data' | 'metadata' | 'system' | 'data+metadata';
  readonly profile: string;
  /** Room for so many bytes of content; on disk it is times the copies or parity. */
  readonly sizeBytes: number;
  readonly usedBytes: number;
  readonly diskBytes: number;
}
export interface DeviceUsage {
  readonly deviceId: number;
  readonly uuid: string;
  /** Undefined: missing. */
  readonly path: string | undefined;
  readonly sizeBytes: number;
  /** Taken by chunks. */
  readonly allocatedBytes: number;
  /** It was away while the others were written to: what it holds may be old. */
  readonly isStale: boolean;
  /** Counted by the kernel since the last reset (`btrfs device stats`). */
  readonly errors: {
    readonly write: number;
    readonly read: number;
    readonly flush: number;
    readonly corruption: number;
    readonly generation: number;
  };
}
export interface VolumeUsage {
  readonly groups: readonly GroupUsage[];
  readonly devices: readonly DeviceUsage[];
  readonly sizeBytes: number;
  readonly allocatedBytes: number;
}

/** Room and health of a volume, as its own trees have it. @throws Corrupt, Io. */
export function readUsage(volume: Volume): VolumeUsage {
  const devices = readDevices(volume);
  return {
    groups: readGroups(volume),
    devices,
    sizeBytes: devices.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    allocatedBytes: devices.reduce((sum, { allocatedBytes }) => sum + allocatedBytes, 0),
  };
}

function readGroups(volume: Volume): GroupUsage[] {
  const used = readUsedBytes(volume);
  const groups = new Map<string, GroupUsage>();
  for (const { logical, length, type, profile, stripes, dataStripes } of volume.chunks.map.chunks) {
    const kind = kindOf(type);
    const key = `${kind} ${profile.name}`;
    const before = groups.get(key);
    groups.set(key, {
      kind,
      profile: profile.name,
      sizeBytes: (before?.sizeBytes ?? 0) + length,
      usedBytes: (before?.usedBytes ?? 0) + (used.get(logical) ?? 0),
      diskBytes: (before?.diskBytes ?? 0) + (length / dataStripes) * stripes.length,
    });
  }
  return [...groups.values()];
}

function kindOf(type: number): GroupUsage['kind'] {
  const isData = (type & GROUP.data) !== 0;
  if ((type & GROUP.metadata) !== 0) return isData ? 'data+metadata' : 'metadata';
  return isData ? 'data' : 'system';
}

/** By the block group's address; the items stand in the extent tree or in one of their own. */
function readUsedBytes(volume: Volume): Map<number, number> {
  const used = new Map<number, number>();
  const root = volume.root(TREE.blockGroup);
  const cursor = volume.cursor(root === undefined ? TREE.extent : TREE.blockGroup);
  for (const { logical, length } of volume.chunks.map.chunks) {
    const isThere = cursor.seek(logical, KEY.blockGroupItem, length);
    if (!isThere || cursor.objectId !== logical || cursor.type !== KEY.blockGroupItem) continue;
    if (cursor.dataSize < BLOCK_GROUP_ITEM.size) continue;
    used.set(logical, readU64(cursor.node.view, cursor.dataStart));
  }
  return used;
}

function readDevices(volume: Volume): DeviceUsage[] {
  const devices: DeviceUsage[] = [];
  const cursor = volume.cursor(TREE.chunk);
  cursor.seek(OBJECT.deviceItems, KEY.deviceItem, 0);
  for (; cursor.valid && cursor.objectId === OBJECT.deviceItems; cursor.next()) {
    if (cursor.type !== KEY.deviceItem || cursor.dataSize < DEVICE_ITEM.size) continue;
    const item = DEVICE_ITEM.read(cursor.node.view, cursor.dataStart);
    const member = volume.members.find(item.uuid);
    devices.push({
      deviceId: item.deviceId,
      uuid: hex(item.uuid),
      path: member?.device.name,
      sizeBytes: item.totalBytes,
      allocatedBytes: item.bytesUsed,
      isStale: member?.stale ?? false,
      errors: readErrors(volume, item.deviceId),
    });
  }
  return devices;
}

/** `btrfs_dev_stats_item`: five u64 counters, absent until the first error or reset. */
function readErrors(volume: Volume, deviceId: number): DeviceUsage['errors'] {
  const values = [0, 0, 0, 0, 0];
  const cursor = volume.cursor(TREE.device);
  const isThere = cursor.seek(0, KEY.persistentItem, deviceId);
  const isOurs = isThere && cursor.objectId === 0 && cursor.type === KEY.persistentItem;
  if (isOurs && cursor.offset === deviceId && cursor.dataSize >= 40) {
    for (let i = 0; i < 5; i += 1) {
      values[i] = readU64(cursor.node.view, cursor.dataStart + i * 8);
    }
  }
  const [write, read, flush, corruption, generation] = values as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { write, read, flush, corruption, generation };
}
