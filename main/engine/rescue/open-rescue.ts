import { existsSync } from 'node:fs';
import { conflict, corrupt, DendroError } from '../../../shared/errors.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { noted, say, type Note } from '../../../shared/said.ts';
import { openDevice, type Device } from '../device/index.ts';
import { TREE } from '../format/constants.ts';
import { identityOf } from '../volume/find-members.ts';
import { Volume, type Chunk } from '../volume/index.ts';
import { hex, Members } from '../volume/members.ts';
import { candidatesOf, type Candidate } from './candidates.ts';
import { leavesByScan } from './leaves-by-scan.ts';
import { enterLostRoots } from './lost-roots.ts';
import { Rescue, type RescueOptions } from './rescue.ts';
import { salvageTree, type Salvaged } from './salvage.ts';
import { standInTree } from './stand-in-tree.ts';
import { chunksByScan } from './scan-chunks.ts';

/**
 * Finds a way into a damaged filesystem: every superblock copy, every backup root, at last
 * the devices from end to end. Of the ways, the newest whose root tree is whole; else the
 * one with the most left.
 * @throws Corrupt `nothing-to-rescue`; Conflict 'not-found'; Usage, Denied, Io when a device cannot
 * be opened.
 */
export function openRescue(
  sources: readonly (string | Device)[],
  options: RescueOptions = {},
): Rescue {
  const opened: Device[] = [];
  const open = (path: string): Device => {
    const device = openDevice(path);
    opened.push(device);
    return device;
  };
  try {
    const given = sources.map((source) =>
      typeof source === 'string' ? named(source, open) : source,
    );
    const devices = [...given, ...otherMembers(given, open, options)];
    const candidates = devices
      .flatMap((device) => candidatesOf(device))
      .sort((a, b) => b.superblock.generation - a.superblock.generation);
    if (candidates.length === 0) throw nothing(devices);
    const search = new ChunkSearch(candidates[0]!, devices, options);
    const rescue =
      bestOf(candidates, devices, search, options) ??
      openByScan(candidates[0]!, devices, search, options);
    if (rescue === undefined) throw nothing(devices);
    rescue.newestGeneration = candidates[0]!.superblock.generation;
    enterLostRoots(rescue, () => volumesOf(candidates, devices, search, options), options);
    if (rescue.subvolumes().length === 0) throw nothing(devices);
    return rescue;
  } catch (error) {
    for (const device of opened) device.close();
    throw error;
  }
}

/** What a person named: a name that nothing has is no device that failed. */
function named(path: string, open: (path: string) => Device): Device {
  try {
    return open(path);
  } catch (cause) {
    if (existsSync(path) || !(cause instanceof DendroError) || cause.code !== 'device-not-found')
      throw cause;
    throw conflict('not-found', say`"${{ path: printable(path) }}" does not exist.`, {
      hint: 'Plug the drive in, or check the name with lsblk.',
      place: { path: printable(path) },
      cause,
    });
  }
}

/** The devices of the same filesystem that were not named, as far as they can be found. */
function otherMembers(
  given: readonly Device[],
  open: (path: string) => Device,
  { candidates, onStep }: RescueOptions,
): Device[] {
  const first = given.flatMap((device) => candidatesOf(device))[0]?.superblock;
  if (candidates === undefined || first === undefined || given.length >= first.deviceCount)
    return [];
  const known = new Set(given.map(({ name }) => identityOf(name)));
  const uuids = new Set(given.map((device) => uuidOf(device)));
  return candidates().flatMap((path) => {
    const identity = identityOf(path);
    if (identity === undefined || known.has(identity)) return [];
    known.add(identity);
    const device = attempt(() => open(path));
    const own = device && candidatesOf(device)[0]?.superblock;
    if (own === undefined || Buffer.compare(own.fsid, first.fsid) !== 0) return [];
    const uuid = hex(own.device.uuid);
    if (uuids.has(uuid)) {
      const step = say`${{ path: printable(path) }} is a copy of one of the devices and is left out.`;
      onStep?.(noted('rescue-copy-left-out', step));
      return [];
    }
    uuids.add(uuid);
    const step = say`${{ path: printable(path) }} belongs to the same filesystem.`;
    onStep?.(noted('rescue-same-filesystem', step));
    return [device!];
  });
}

function uuidOf(device: Device): string {
  const own = candidatesOf(device)[0]?.superblock;
  return own === undefined ? '' : hex(own.device.uuid);
}

/** The chunks by searching the devices: done once, when it is first needed. */
class ChunkSearch {
  #found: readonly Chunk[] | undefined;
  readonly #work: () => readonly Chunk[];

  constructor({ superblock }: Candidate, devices: readonly Device[], options: RescueOptions) {
    this.#work = () => {
      options.onStep?.(noted('rescue-searching-chunks', 'Searching the devices for chunks.'));
      return chunksByScan(devices, superblock, options.cancel);
    };
  }

  get chunks(): readonly Chunk[] {
    return (this.#found ??= this.#work());
  }
}

interface Way {
  readonly volume: Volume;
  readonly name: Note;
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
    const { generation } = superblock;
    const step = say`Trying ${{ way: name }} (generation ${{ generation }}).`;
    options.onStep?.(noted('rescue-trying', step));
    const way = tryWay({ superblock, name }, devices, search, options);
    if (way === undefined) continue;
    if (way.roots.lost.length === 0) return new Rescue(way.volume, way.name, options);
    if (best === undefined || leavesOf(way) > leavesOf(best)) best = way;
  }
  if (best === undefined || leavesOf(best) === 0) return undefined;
  standInTree(best.volume, TREE.root, best.roots.leaves, best.roots.strays);
  const rescue = new Rescue(best.volume, best.name, options);
  for (const block of best.roots.lost) rescue.lost.push(block);
  return rescue;
}

function* volumesOf(
  candidates: readonly Candidate[],
  devices: readonly Device[],
  search: ChunkSearch,
  options: RescueOptions,
): Generator<Volume> {
  for (const candidate of candidates) {
    const way = tryWay(candidate, devices, search, options);
    if (way === undefined) continue;
    if (way.roots.lost.length > 0)
      standInTree(way.volume, TREE.root, way.roots.leaves, way.roots.strays);
    yield way.volume;
  }
}

function leavesOf({ roots }: Way): number {
  return roots.leaves.length + roots.strays.length;
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
  options.onStep?.(noted('rescue-searching-roots', 'Searching the devices for roots.'));
  const leaves = leavesByScan(way.volume, new Set<number>([TREE.root]), options);
  if (leaves.length === 0) return undefined;
  standInTree(way.volume, TREE.root, [], leaves);
  const rescue = new Rescue(
    way.volume,
    noted('way-search', 'tree blocks found by searching the devices'),
    options,
  );
  for (const block of way.roots.lost) rescue.lost.push(block);
  return rescue;
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
  return corrupt(
    'nothing-to-rescue',
    say`Nothing of a btrfs filesystem can be read on ${{ names }}.`,
    {
      hint: 'Make an image of the disk (ddrescue) before anything else is tried.',
    },
  );
}
