import { COMPRESSION, EXTENT_TYPE, KEY } from '../format/constants.ts';
import { FILE_EXTENT, HEADER, ITEM } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import { listDeletedSubvolumes, listSubvolumes, type SubvolumeInfo } from '../tree/index.ts';
import type { Node, Volume } from '../volume/index.ts';
import { AddressMap } from './address-map.ts';
import { OwnerSets } from './owner-sets.ts';
import { remainsOf, type Subtree } from './remains.ts';

export interface SubvolumeSpace {
  readonly subvolume: SubvolumeInfo;
  /** On disk: what extents and tree blocks that it refers to take (one copy of each). */
  readonly referencedBytes: number;
  /** Of these, what no other subvolume refers to: freed when it is deleted. */
  readonly exclusiveBytes: number;
  /** Of these, what others refer to as well. */
  readonly sharedBytes: number;
}

/**
 * Who refers to which bytes, for all subvolumes at once: the numbers that quotas would
 * keep, without quotas. Bytes are on disk, compressed, one copy of each.
 */
export class SpaceBill {
  readonly #subvolumes: readonly SubvolumeInfo[];
  readonly #sets: OwnerSets;
  /** Bytes by number of the owner set. */
  readonly #bytes: readonly number[];

  constructor(subvolumes: readonly SubvolumeInfo[], sets: OwnerSets, bytes: readonly number[]) {
    this.#subvolumes = subvolumes;
    this.#sets = sets;
    this.#bytes = bytes;
  }

  get subvolumes(): SubvolumeSpace[] {
    return this.#subvolumes.map((subvolume, i) => {
      const referencedBytes = this.#sum((owners) => ((owners >> BigInt(i)) & 1n) === 1n);
      const exclusiveBytes = this.#sum((owners) => owners === 1n << BigInt(i));
      const sharedBytes = referencedBytes - exclusiveBytes;
      return { subvolume, referencedBytes, exclusiveBytes, sharedBytes };
    });
  }

  /** What deleting all of these would free. */
  freedBy(ids: readonly number[]): number {
    const deleted = this.#subvolumes.reduce(
      (bits, { id }, i) => (ids.includes(id) ? bits | (1n << BigInt(i)) : bits),
      0n,
    );
    return this.#sum((owners) => owners !== 0n && (owners & ~deleted) === 0n);
  }

  get totalBytes(): number {
    return this.#sum(() => true);
  }

  #sum(counts: (owners: bigint) => boolean): number {
    return this.#bytes.reduce(
      (sum, bytes, set) => (bytes > 0 && counts(this.#sets.members(set)) ? sum + bytes : sum),
      0,
    );
  }
}

/**
 * Walks the blocks of all subvolumes from the top level down, each block once however many
 * share it: a block belongs to everyone that its parents belong to. On a volume that is
 * written to, it begins again at the newer generation when blocks are gone; bounded.
 * @throws Corrupt, Io, Cancelled.
 */
export function readSpaceBill(volume: Volume, extentsAPass = EXTENTS_A_PASS): SpaceBill {
  for (let tries = 0; ; tries += 1) {
    const { epoch } = volume;
    try {
      return readOnce(volume, extentsAPass);
    } catch (error) {
      if (!volume.recover(error, epoch, tries)) throw error;
    }
  }
}

function readOnce(volume: Volume, extentsAPass: number): SpaceBill {
  const subvolumes = [...listSubvolumes(volume), ...listDeletedSubvolumes(volume)];
  const sets = new OwnerSets();
  const bytes: number[] = [];
  const add = adder(bytes);
  const leaves = readInnerBlocks(volume, subvolumes, sets, add);
  for (const { owners } of leaves) add(owners, volume.nodeSize);
  readExtents(volume, leaves, sets, extentsAPass).forEach((count, set) => add(set, count));
  return new SpaceBill(subvolumes, sets, bytes);
}

type Add = (set: number, count: number) => void;

function adder(bytes: number[]): Add {
  return (set, count) => {
    bytes[set] = (bytes[set] ?? 0) + count;
  };
}

/** Adds up the blocks above the leaves; the leaves come back, in order of address. */
function readInnerBlocks(
  volume: Volume,
  subvolumes: readonly SubvolumeInfo[],
  sets: OwnerSets,
  add: Add,
): Block[] {
  const roots = subvolumes.flatMap(({ id }, i) => {
    const owners = sets.single(i);
    const { subtrees, pathBlocks } = remainsOf(volume, volume.requireRoot(id));
    add(owners, pathBlocks * volume.nodeSize);
    return subtrees.map((subtree) => ({ ...subtree, owners }));
  });
  let blocks: Blocks = new Map();
  for (let level = Math.max(0, ...roots.map((root) => root.level)); level > 0; level -= 1) {
    addRoots(blocks, roots, level, sets);
    const below: Blocks = new Map();
    const row = inOrder(blocks);
    for (let i = 0; i < row.length; i += 1) {
      const { logical, owners, generation } = row[i]!;
      add(owners, volume.nodeSize);
      volume.prefetch(row, i, level);
      addChildren(volume.node(logical, { generation, level }), owners, below, sets);
    }
    blocks = below;
  }
  addRoots(blocks, roots, 0, sets);
  return inOrder(blocks);
}

/** Extents that are kept in memory at a time: some 100 MB. */
const EXTENTS_A_PASS = 6_000_000;
/** No two extents begin in the same one. */
const SMALLEST_EXTENT = 4096;

/**
 * Bytes of data extents by number of the owner set. An extent may be referred to from anywhere, so
 * all are kept until the end; where they are too many, the leaves are gone over several times,
 * each time for a part of the addresses.
 */
function readExtents(
  volume: Volume,
  leaves: readonly Block[],
  sets: OwnerSets,
  extentsAPass: number,
): number[] {
  for (let parts = 1; ; parts *= 2) {
    const bytes: number[] = [];
    const isIn = (part: number) => (logical: number) =>
      parts === 1 || Math.floor(logical / SMALLEST_EXTENT) % parts === part;
    let isComplete = true;
    for (let part = 0; part < parts && isComplete; part += 1) {
      isComplete = readPart(volume, leaves, sets, isIn(part), extentsAPass, adder(bytes));
    }
    if (isComplete) return bytes;
  }
}

/** False: more extents than may be kept. */
function readPart(
  volume: Volume,
  leaves: readonly Block[],
  sets: OwnerSets,
  isIn: (logical: number) => boolean,
  most: number,
  add: Add,
): boolean {
  const extents = new AddressMap();
  for (let i = 0; i < leaves.length; i += 1) {
    const { logical, owners, generation } = leaves[i]!;
    volume.prefetch(leaves, i, 0);
    const leaf = volume.node(logical, { generation, level: 0 });
    addExtents(leaf, owners, extents, sets, isIn, add);
    if (extents.size > most) return false;
  }
  return true;
}

type Blocks = Map<number, { owners: number; generation: number }>;

function addRoots(
  blocks: Blocks,
  roots: readonly (Subtree & { readonly owners: number })[],
  level: number,
  sets: OwnerSets,
): void {
  for (const root of roots) {
    if (root.level === level) addBlock(blocks, root.logical, root.generation, root.owners, sets);
  }
}

function addChildren(node: Node, owners: number, below: Blocks, sets: OwnerSets): void {
  for (let slot = 0; slot < node.itemCount; slot += 1) {
    addBlock(below, node.childLogical(slot), node.childGeneration(slot), owners, sets);
  }
}

function addBlock(
  blocks: Blocks,
  logical: number,
  generation: number,
  owners: number,
  sets: OwnerSets,
): void {
  const known = blocks.get(logical);
  if (known === undefined) blocks.set(logical, { owners, generation });
  else known.owners = sets.union(known.owners, owners);
}

interface Block {
  readonly logical: number;
  readonly generation: number;
  readonly owners: number;
}

/** By address: the device is read in one direction. */
function inOrder(blocks: Blocks): Block[] {
  return [...blocks]
    .map(([logical, { owners, generation }]) => ({ logical, generation, owners }))
    .sort((a, b) => a.logical - b.logical);
}

function addExtents(
  leaf: Node,
  owners: number,
  extents: AddressMap,
  sets: OwnerSets,
  isIn: (logical: number) => boolean,
  add: Add,
): void {
  for (let slot = 0; slot < leaf.itemCount; slot += 1) {
    if (leaf.bytes[HEADER.size + slot * ITEM.size + 8] !== KEY.extentData) continue;
    const start = leaf.dataStart(slot);
    if (leaf.dataSize(slot) < FILE_EXTENT.size) continue; // inline
    if (leaf.bytes[start + FILE_EXTENT.at.type] === EXTENT_TYPE.inline) continue;
    if (leaf.bytes[start + FILE_EXTENT.at.compression]! > COMPRESSION.zstd) continue;
    const logical = readU64(leaf.view, start + FILE_EXTENT.at.diskLogical);
    if (logical === 0 || !isIn(logical)) continue;
    const length = readU64(leaf.view, start + FILE_EXTENT.at.diskLength);
    const before = extents.get(logical);
    const after = before < 0 ? owners : sets.union(before, owners);
    if (before === after) continue;
    if (before >= 0) add(before, -length);
    add(after, length);
    extents.set(logical, after);
  }
}
