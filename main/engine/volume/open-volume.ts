import { conflict, DendroError, usage } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { openDevice, refuseForeign, type Device } from '../device/index.ts';
import { duplicateDevice, findMembers, identityOf } from './find-members.ts';
import { Members, type Member } from './members.ts';
import { readSuperblock, type Superblock } from './superblock.ts';
import { Volume, type VolumeOptions } from './volume.ts';

/**
 * Opens the filesystem that is on the given devices or images; what is already open stays
 * the caller's until it works, then it is the volume's to close.
 * @throws Usage `not-btrfs`; Conflict `duplicate-device`, `different-filesystems`; Corrupt;
 *   Unsupported `partition-table`, `disk-locked` and what else `refuseForeign` throws; Denied; Io.
 */
export function openVolume(
  sources: readonly (string | Device)[],
  options: VolumeOptions = {},
): Volume {
  if (sources.length === 0) throw usage('no-device', 'No device was named.');
  const opened: Device[] = [];
  try {
    const found = distinctSources(sources).map((source) => {
      if (typeof source !== 'string') return source;
      const device = openDevice(source);
      opened.push(device);
      return device;
    });
    return openWith(found, opened, options);
  } catch (error) {
    for (const device of opened) device.close();
    tellForeign(sources, error);
    throw error;
  }
}

/** Of a device without btrfs: what it holds instead, if that is known. */
function tellForeign(sources: readonly (string | Device)[], error: unknown): void {
  if (!(error instanceof DendroError) || error.code !== 'not-btrfs') return;
  const path = sources.find((source) => source === error.place?.device);
  if (typeof path === 'string') refuseForeign(path);
}

/** The same device named twice, by another path too, is one device. */
function distinctSources(sources: readonly (string | Device)[]): (string | Device)[] {
  const seen = new Set<string>();
  return sources.filter((source) => {
    const identity = typeof source === 'string' ? identityOf(source) : undefined;
    if (identity === undefined) return true;
    return !seen.has(identity) && seen.add(identity);
  });
}

function openWith(devices: readonly Device[], opened: Device[], options: VolumeOptions): Volume {
  const given = devices.map((device) => memberOf(device, options));
  const main = chooseFilesystem(given);
  const members = new Members();
  for (const member of given) addMember(members, member);
  findMembers(members, main, opened, options.candidates);
  const newest = newestOf(members, main);
  members.markStale(newest);
  return new Volume(members, newest, options);
}

function memberOf(device: Device, options: VolumeOptions): Member {
  const { superblock, damaged } = readSuperblock(device);
  for (const { physical, error } of damaged) {
    options.onDamage?.({
      what: 'superblock',
      reason: error.code,
      device: device.name,
      physical,
      logical: physical,
      lengthBytes: 4096,
      healedBy: 'mirror',
      goodDevice: device.name,
    });
  }
  return { device, superblock, stale: false };
}

const SEEDING = 1n << 32n;

/** The one that is not a seed, else the first; all others must be the same or seeds. */
function chooseFilesystem(given: readonly Member[]): Superblock {
  const main = (given.find(({ superblock }) => !isSeed(superblock)) ?? given[0]!).superblock;
  const stranger = given.find(
    ({ superblock }) => Buffer.compare(superblock.fsid, main.fsid) !== 0 && !isSeed(superblock),
  );
  if (stranger === undefined) return main;
  throw conflict(
    'different-filesystems',
    say`${{ name: given[0]!.device.name }} and ${{ other: stranger.device.name }} hold different filesystems.`,
    { hint: 'Name the devices of one filesystem.', place: { device: stranger.device.name } },
  );
}

function isSeed(superblock: Superblock): boolean {
  return (superblock.flags & SEEDING) !== 0n;
}

function addMember(members: Members, member: Member): void {
  const twin = members.find(member.superblock.device.uuid);
  if (twin !== undefined) throw duplicateDevice(twin.device.name, member.device.name);
  members.add(member);
}

function newestOf(members: Members, main: Superblock): Superblock {
  return members.all.reduce(
    (best, { superblock }) =>
      Buffer.compare(superblock.fsid, main.fsid) === 0 && superblock.generation > best.generation
        ? superblock
        : best,
    main,
  );
}
