import { DendroError } from '../../../shared/errors.ts';
import type { Device } from '../device/index.ts';
import { KEY, OBJECT } from '../format/constants.ts';
import { BLOCK_GROUP_ITEM, DEVICE_EXTENT } from '../format/layouts.ts';
import { parseChunk } from '../volume/chunk-map.ts';
import { profileOf } from '../volume/profiles.ts';
import { readSuperblockAt, type Superblock } from '../volume/superblock.ts';
import type { Chunk, Node } from '../volume/index.ts';
import { scanForBlocks } from './scan.ts';

/** What blocks found by scanning say of chunks, by logical address, the newest word each. */
interface Words {
  readonly chunks: Map<number, { chunk: Chunk; generation: number }>;
  readonly groups: Map<number, { length: number; type: bigint; generation: number }>;
  /** By device and physical offset. */
  readonly extents: Map<string, Extent>;
}
interface Extent {
  readonly deviceId: number;
  readonly physical: number;
  readonly logical: number;
  readonly length: number;
  readonly generation: number;
}

/**
 * The chunks, from all that can be found on the devices: chunk items; and for those that
 * are lost, block groups together with the device extents that lie under them, where the
 * order of the stripes does not matter (single, DUP, RAID1 and its like).
 */
export function chunksByScan(
  devices: readonly Device[],
  superblock: Superblock,
  cancel?: { check(): void },
): Chunk[] {
  const words: Words = { chunks: new Map(), groups: new Map(), extents: new Map() };
  for (const device of devices) {
    scanForBlocks(device, superblock, (node) => hear(node, superblock, words), cancel);
  }
  const rebuilt = [...words.groups].flatMap(([logical, group]) => {
    const known = words.chunks.get(logical);
    if (known !== undefined && known.generation >= group.generation) return [];
    const chunk = rebuild(logical, group, [...words.extents.values()], devices);
    return chunk === undefined ? [] : [{ chunk, generation: group.generation }];
  });
  return withoutOverlaps([...words.chunks.values(), ...rebuilt]);
}

function hear(node: Node, superblock: Superblock, words: Words): void {
  for (let slot = 0; node.level === 0 && slot < node.itemCount; slot += 1) {
    try {
      const type = node.type(slot);
      if (type === KEY.chunkItem) hearChunk(node, slot, superblock, words);
      else if (type === KEY.blockGroupItem) hearGroup(node, slot, words);
      else if (type === KEY.deviceExtent) hearExtent(node, slot, words);
    } catch (error) {
      if (!(error instanceof DendroError)) throw error;
    }
  }
}

function hearChunk(node: Node, slot: number, { sectorSize }: Superblock, words: Words): void {
  if (node.objectId(slot) !== OBJECT.firstChunk) return;
  const logical = node.offset(slot);
  const { generation } = node;
  if ((words.chunks.get(logical)?.generation ?? -1) >= generation) return;
  const [start, size] = [node.dataStart(slot), node.dataSize(slot)];
  const chunk = parseChunk(node.view, start, size, logical, sectorSize);
  words.chunks.set(logical, { chunk, generation });
}

function hearGroup(node: Node, slot: number, words: Words): void {
  if (node.dataSize(slot) < BLOCK_GROUP_ITEM.size) return;
  const logical = node.objectId(slot);
  const { generation } = node;
  if ((words.groups.get(logical)?.generation ?? -1) >= generation) return;
  const { flags } = BLOCK_GROUP_ITEM.read(node.view, node.dataStart(slot));
  words.groups.set(logical, { length: node.offset(slot), type: flags, generation });
}

function hearExtent(node: Node, slot: number, words: Words): void {
  if (node.dataSize(slot) < DEVICE_EXTENT.size) return;
  const [deviceId, physical] = [node.objectId(slot), node.offset(slot)];
  const { generation } = node;
  const key = `${deviceId} ${physical}`;
  if ((words.extents.get(key)?.generation ?? -1) >= generation) return;
  const { chunk: logical, length } = DEVICE_EXTENT.read(node.view, node.dataStart(slot));
  words.extents.set(key, { deviceId, physical, logical, length, generation });
}

function rebuild(
  logical: number,
  group: { length: number; type: bigint },
  extents: readonly Extent[],
  devices: readonly Device[],
): Chunk | undefined {
  const profile = profileOf(group.type);
  if (profile?.layout !== 'mirrored') return undefined;
  const under = extents
    .filter((extent) => extent.logical === logical && extent.length === group.length)
    .sort((a, b) => b.generation - a.generation)
    .slice(0, profile.copies);
  if (under.length < profile.copies) return undefined;
  const uuids = new Map(devices.map((device) => uuidOf(device)));
  return {
    logical,
    length: group.length,
    type: Number(group.type & 0xffffn),
    profile,
    dataStripes: 1,
    stripes: under.map(({ deviceId, physical }) => ({
      deviceId,
      offset: physical,
      deviceUuid: uuids.get(deviceId) ?? new Uint8Array(16),
    })),
  };
}

function uuidOf(device: Device): [number, Uint8Array] {
  for (const copy of [0, 1, 2]) {
    try {
      const { device: item } = readSuperblockAt(device, copy);
      return [item.deviceId, item.uuid];
    } catch (error) {
      if (!(error instanceof DendroError)) throw error;
    }
  }
  return [-1, new Uint8Array(16)];
}

/** Chunks that were removed long ago may overlap newer ones: the newest win. */
function withoutOverlaps(all: { chunk: Chunk; generation: number }[]): Chunk[] {
  const kept: Chunk[] = [];
  for (const { chunk } of all.sort((a, b) => b.generation - a.generation)) {
    const end = chunk.logical + chunk.length;
    const isFree = kept.every((k) => end <= k.logical || k.logical + k.length <= chunk.logical);
    if (isFree) kept.push(chunk);
  }
  return kept;
}
