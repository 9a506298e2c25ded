import { statSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { conflict, DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { openDevice, type Device } from '../device/index.ts';
import { Members, type Member } from './members.ts';
import { readSuperblock, type Superblock } from './superblock.ts';

/**
 * Adds the devices that are missing from among the candidates: those with the same fsid,
 * and seeds that the filesystem grew from.
 * @throws Conflict `duplicate-device` when two candidates claim the same place.
 */
export function findMembers(
  members: Members,
  main: Superblock,
  opened: Device[],
  candidates: (() => readonly string[]) | undefined,
): void {
  if (candidates === undefined || members.all.length >= main.deviceCount) return;
  for (const member of search(members, main, opened, candidates)) members.add(member);
}

/** The same while the volume is read; two that claim one place are none, until one is wiped. */
export function findLater(
  members: Members,
  main: Superblock,
  candidates: () => readonly string[],
): void {
  const opened: Device[] = [];
  try {
    for (const member of search(members, main, opened, candidates)) members.join(member);
  } catch (error) {
    for (const device of opened) device.close();
    if (!(error instanceof DendroError)) throw error;
  }
}

function search(
  members: Members,
  main: Superblock,
  opened: Device[],
  candidates: () => readonly string[],
): readonly Member[] {
  const known = new Set(members.all.map(({ device }) => identityOf(device.name)));
  const found = new Members();
  for (const path of candidates()) {
    const identity = identityOf(path);
    if (identity === undefined || known.has(identity)) continue;
    known.add(identity);
    const member = probe(path);
    if (member === undefined) continue;
    if (!belongs(member.superblock, main)) {
      member.device.close();
      continue;
    }
    opened.push(member.device);
    const given = members.find(member.superblock.device.uuid);
    if (given !== undefined) throw duplicateDevice(given.device.name, path);
    const twin = found.find(member.superblock.device.uuid);
    if (twin !== undefined) throw duplicateDevice(twin.device.name, path);
    found.add(member);
  }
  return found.all;
}

/** @returns undefined for what is not a readable btrfs device. */
function probe(path: string): Member | undefined {
  let device: Device | undefined;
  try {
    device = openDevice(path);
    const { superblock } = readSuperblock(device, 1);
    return { device, superblock, stale: false };
  } catch (error) {
    device?.close();
    if (error instanceof DendroError) return undefined;
    throw error;
  }
}

const SEEDING = 1n << 32n;

function belongs(candidate: Superblock, main: Superblock): boolean {
  if (Buffer.compare(candidate.fsid, main.fsid) === 0) return true;
  // a seed has the fsid of the filesystem it was; its place is known by its device UUID
  return (candidate.flags & SEEDING) !== 0n;
}

export function duplicateDevice(first: string, second: string): DendroError {
  return conflict(
    'duplicate-device',
    say`${{ first }} and ${{ second }} both say they are the same device of the same filesystem.`,
    {
      hint: 'One is a copy of the other (dd). Disconnect one, name all devices of the one that is meant (A,B,...), or give the copy a new id with btrfstune -u.',
      place: { device: second },
    },
  );
}

/** The same for two names of one thing, a loop device and the image below it included. */
export function identityOf(path: string): string | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isBlockDevice()) return `file ${stat.dev}:${stat.ino}`;
    return loopBacking(path) ?? `block ${stat.rdev}`;
  } catch {
    return undefined;
  }
}

function loopBacking(path: string): string | undefined {
  const loop = `/sys/class/block/${basename(path)}/loop`;
  try {
    if (Number(readFileSync(`${loop}/offset`, 'latin1')) !== 0) return undefined;
    const backing = statSync(readFileSync(`${loop}/backing_file`, 'utf8').replace(/\n$/, ''));
    return `file ${backing.dev}:${backing.ino}`;
  } catch {
    return undefined;
  }
}
