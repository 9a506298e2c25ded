import { corrupt, DendroError } from '../../../shared/errors.ts';
import { openDevice, type Device } from '../device/index.ts';
import { TREE } from '../format/constants.ts';
import { listSubvolumes, openSubvolume, Subvolume, type SubvolumeInfo } from '../tree/index.ts';
import { Members } from '../volume/members.ts';
import { Volume, type Chunk, type Damage, type TreeRoot } from '../volume/index.ts';
import { candidatesOf, type Candidate } from './candidates.ts';
import { chunksByScan } from './scan-chunks.ts';
import { scanForBlocks } from './scan.ts';
import {
  leafOf,
  salvageTree,
  standInTree,
  type Leaf,
  type LostBlock,
  type Salvaged,
} from './salvage.ts';

export interface RescueOptions {
  readonly cancel?: { check(): void };
  readonly onDamage?: (damage: Damage) => void;
  /** Told what is being tried: a sentence. */
  readonly onStep?: (step: string) => void;
}

/** A filesystem that is read as far as it goes. */
export class Rescue {
  readonly volume: Volume;
  /** Which way in worked, in words. */
  readonly entry: string;
  readonly lost: LostBlock[] = [];
  readonly #options: RescueOptions;
  readonly #salvaged = new Map<number, readonly LostBlock[]>();

  constructor(volume: Volume, entry: string, options: RescueOptions) {
    this.volume = volume;
    this.entry = entry;
    this.#options = options;
  }

  /** Every subvolume and snapshot that the root tree still names. */
  subvolumes(): SubvolumeInfo[] {
    return listSubvolumes(this.volume, true);
  }

  /**
   * Opens a subvolume whose tree may be damaged: what is left of it is put together. Where
   * nothing of it can be reached, leaves that once were its own are looked for.
   */
  open(which: number | Uint8Array | SubvolumeInfo): {
    subvolume: Subvolume;
    lost: readonly LostBlock[];
  } {
    const found = openSubvolume(this.volume, which);
    const lost = this.#salvaged.get(found.id) ?? this.#salvage(found.root);
    this.#salvaged.set(found.id, lost);
    const root = this.volume.root(found.id) ?? found.root;
    return { subvolume: new Subvolume(this.volume, found.info, root), lost };
  }

  close(): void {
    this.volume.close();
  }

  #salvage(root: TreeRoot): readonly LostBlock[] {
    this.#options.onStep?.(`Reading tree ${root.id}.`);
    const { leaves, lost } = salvageTree(this.volume, root);
    if (lost.length === 0) return lost;
    const isGone = leaves.length === 0;
    if (isGone)
      this.#options.onStep?.(`Searching the devices for what is left of tree ${root.id}.`);
    standInTree(
      this.volume,
      root.id,
      isGone ? leavesByScan(this.volume, root.id, this.#options) : leaves,
    );
    this.lost.push(...lost);
    return lost;
  }
}

/**
 * Finds a way into a damaged filesystem: every superblock copy, every backup root, at last
 * the devices from end to end. Of the ways, the newest whose root tree is whole; else the
 * one with the most left.
 * @throws Corrupt `nothing-to-rescue`; Usage, Denied, Io when a device cannot be opened.
 */
export function openRescue(
  sources: readonly (string | Device)[],
  options: RescueOptions = {},
): Rescue {
  const devices = sources.map((source) =>
    typeof source === 'string' ? openDevice(source) : source,
  );
  const candidates = devices
    .flatMap((device) => candidatesOf(device))
    .sort((a, b) => b.superblock.generation - a.superblock.generation);
  if (candidates.length === 0) throw nothing(devices);
  const search = new ChunkSearch(candidates[0]!, devices, options);
  const rescue =
    bestOf(candidates, devices, search, options) ??
    openByScan(candidates[0]!, devices, search, options);
  if (rescue !== undefined) return rescue;
  throw nothing(devices);
}

/** The chunks by searching the devices: done once, when it is first needed. */
class ChunkSearch {
  #found: readonly Chunk[] | undefined;
  readonly #work: () => readonly Chunk[];

  constructor({ superblock }: Candidate, devices: readonly Device[], options: RescueOptions) {
    this.#work = () => {
      options.onStep?.('Searching the devices for chunks.');
      return chunksByScan(devices, superblock, options.cancel);
    };
  }

  get chunks(): readonly Chunk[] {
    return (this.#found ??= this.#work());
  }
}

interface Way {
  readonly volume: Volume;
  readonly name: string;
  readonly roots: Salvaged;
}

/** The first way whose root tree is whole, or the one with the most leaves left. */
function bestOf(
  candidates: readonly Candidate[],
  devices: readonly Device[],
  search: ChunkSearch,
  options: RescueOptions,
): Rescue | undefined {
  let best: Way | undefined;
  for (const { superblock, name } of candidates) {
    options.onStep?.(`Trying ${name} (generation ${superblock.generation}).`);
    const way = tryWay({ superblock, name }, devices, search, options);
    if (way === undefined) continue;
    if (way.roots.lost.length === 0) return new Rescue(way.volume, way.name, options);
    if (best === undefined || way.roots.leaves.length > best.roots.leaves.length) best = way;
  }
  if (best === undefined || best.roots.leaves.length === 0) return undefined;
  standInTree(best.volume, TREE.root, best.roots.leaves);
  const rescue = new Rescue(best.volume, best.name, options);
  rescue.lost.push(...best.roots.lost);
  return rescue;
}

function tryWay(
  { superblock, name }: Candidate,
  devices: readonly Device[],
  search: ChunkSearch,
  options: RescueOptions,
): Way | undefined {
  const volume =
    attempt(() => makeVolume(superblock, devices, undefined, options)) ??
    // an older chunk tree may be whole and yet lack chunks: what lies on the devices is better
    attempt(() => makeVolume(superblock, devices, search.chunks, options));
  const roots = volume && attempt(() => salvageTree(volume, volume.requireRoot(TREE.root)));
  return volume && roots && { volume, name, roots };
}

function makeVolume(
  superblock: Candidate['superblock'],
  devices: readonly Device[],
  chunks: readonly Chunk[] | undefined,
  options: RescueOptions,
): Volume {
  return new Volume(membersOf(devices, superblock), superblock, {
    isPinned: true,
    allowsMissingChecksums: true,
    ...(options.onDamage && { onDamage: options.onDamage }),
    ...(options.cancel && { cancel: options.cancel }),
    ...(chunks && { chunks }),
  });
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    const isDamage =
      error instanceof DendroError && error.kind !== 'Cancelled' && error.kind !== 'Bug';
    if (isDamage) return undefined;
    throw error;
  }
}

/** No root tree can be reached: its leaves, from what lies on the devices. */
function openByScan(
  candidate: Candidate,
  devices: readonly Device[],
  search: ChunkSearch,
  options: RescueOptions,
): Rescue | undefined {
  const way = tryWay(candidate, devices, search, options);
  if (way === undefined) return undefined;
  options.onStep?.('Searching the devices for roots.');
  const leaves = leavesByScan(way.volume, TREE.root, options);
  if (leaves.length === 0) return undefined;
  standInTree(way.volume, TREE.root, leaves);
  const rescue = new Rescue(way.volume, 'tree blocks found by searching the devices', options);
  rescue.lost.push(...way.roots.lost);
  return rescue;
}

/** Leaves of a tree that lie where the chunk map puts them. */
function leavesByScan(volume: Volume, owner: number, options: RescueOptions): Leaf[] {
  const leaves = new Map<string, Leaf>();
  for (const { device } of volume.members.all) {
    scanForBlocks(
      device,
      volume.superblock,
      (node) => {
        if (node.owner !== owner || node.level !== 0 || node.itemCount === 0) return;
        if (volume.chunks.map.find(node.logical) === undefined) return;
        leaves.set(`${node.logical} ${node.generation}`, leafOf(node));
      },
      options.cancel,
    );
  }
  return newestByAddress([...leaves.values()]);
}

/** An address can be read in one version only: the newest that was found. */
function newestByAddress(leaves: readonly Leaf[]): Leaf[] {
  const newest = new Map<number, Leaf>();
  for (const leaf of leaves) {
    const known = newest.get(leaf.logical);
    if (known === undefined || known.generation < leaf.generation) newest.set(leaf.logical, leaf);
  }
  return [...newest.values()];
}

function membersOf(devices: readonly Device[], main: Candidate['superblock']): Members {
  const members = new Members();
  for (const device of devices) {
    const own = candidatesOf(device)[0]?.superblock;
    if (own !== undefined) members.add({ device, superblock: own, stale: false });
  }
  if (members.all.length === 0)
    members.add({ device: devices[0]!, superblock: main, stale: false });
  return members;
}

function nothing(devices: readonly Device[]): DendroError {
  const names = devices.map(({ name }) => name).join(', ');
  return corrupt('nothing-to-rescue', `Nothing of a btrfs filesystem can be read on ${names}.`, {
    hint: 'Make an image of the disk (ddrescue) before anything else is tried.',
  });
}
