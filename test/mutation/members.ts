import { closeSync, openSync, writeSync } from 'node:fs';
import { MemoryDevice, openDevice, type Device } from '../../main/engine/device/index.ts';
import { openVolume } from '../../main/engine/volume/index.ts';
import { withBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { FileFlag, setFileFlags } from '../harness/syscalls.ts';
import { emptyResult, judge, type Result } from './campaign.ts';
import { exercise, type Outcome } from './exercise.ts';
import { SECTOR, SpoiltDevice, type Sectors } from './spoilt-device.ts';
import { fill } from './subject.ts';

/** A filesystem of several devices. */
export interface Members {
  readonly name: string;
  readonly devices: readonly MemoryDevice[];
  /** What each held a while ago, where it was something else. */
  readonly older: readonly Sectors[];
  /** Offsets of sectors of each that hold something, superblocks left out. */
  readonly used: readonly (readonly number[])[];
  /** How many of them may be lost, or spoilt, whichever, without any loss. */
  readonly spare: number;
}

export const PROFILES = [
  { profile: 'raid1', devices: 2, spare: 1 },
  { profile: 'raid1c3', devices: 3, spare: 2 },
  { profile: 'raid10', devices: 4, spare: 1 },
  { profile: 'raid5', devices: 3, spare: 1 },
  { profile: 'raid6', devices: 4, spare: 2 },
] as const;
const SUPERBLOCKS = [65_536, 64 * 1024 * 1024];

/** One at a time: each device takes 128 MiB of memory. */
export async function makeMembers(shape: (typeof PROFILES)[number]): Promise<Members> {
  const { profile, devices, spare } = shape;
  const mkfsArgs = ['-n', '4096', '-m', profile, '-d', profile];
  return withBtrfs({ devices, sizeMiB: 128, mkfsArgs }, (fs) => {
    writeUnchecked(fs, 'as it was a while ago');
    fs.unmount();
    const before = load(fs.images);
    fs.mount();
    fill(fs);
    writeUnchecked(fs, 'as it is now');
    fs.unmount();
    const now = load(fs.images);
    const older = now.map((device, i) => differences(before[i]!, device));
    return { name: profile, devices: now, older, used: now.map(usedSectors), spare };
  });
}

/** A file without checksums: nothing in the data itself says how old it is. */
function writeUnchecked({ dir }: TestBtrfs, text: string): void {
  const path = `${dir}/unchecked`;
  const isNew = run('test', ['-e', path], { accept: [0, 1] }).status === 1;
  const fd = openSync(path, isNew ? 'w' : 'r+');
  if (isNew) setFileFlags(fd, FileFlag.nocow);
  writeSync(fd, text.padEnd(40, '.').repeat(10_000), 0);
  closeSync(fd);
}

function load(images: readonly string[]): MemoryDevice[] {
  return images.map((image) => {
    const device = openDevice(image);
    const bytes = new Uint8Array(device.sizeBytes);
    device.read(0, bytes.length, bytes, 0);
    device.close();
    return new MemoryDevice(bytes, image);
  });
}

function differences(before: MemoryDevice, now: MemoryDevice): Sectors {
  const found = new Map<number, Uint8Array>();
  for (let at = 0; at < now.sizeBytes; at += SECTOR) {
    const sector = before.bytes.subarray(at, at + SECTOR);
    if (Buffer.compare(sector, now.bytes.subarray(at, at + SECTOR)) !== 0) {
      found.set(at, sector.slice());
    }
  }
  return found;
}

function usedSectors({ bytes }: MemoryDevice): number[] {
  const words = new BigUint64Array(bytes.buffer);
  const used: number[] = [];
  for (let at = 1 << 20; at < bytes.length; at += SECTOR) {
    if (SUPERBLOCKS.includes(at)) continue;
    if (words.subarray(at / 8, (at + SECTOR) / 8).some((word) => word !== 0n)) used.push(at);
  }
  return used;
}

/** Runs of seeds `from` to `to`: what is read is right, or told; within the spare it is all read. */
export function runMembers(members: Members, from: number, to: number): Result {
  const result = emptyResult();
  const whole = openVolume(members.devices);
  const clean = exercise(members.devices, true, whole).lines;
  for (let seed = from; seed < to; seed += 1) {
    const random = new Random(seed);
    const fault = spoil(members, random);
    const isDeep = random.chance(0.2);
    const name = `${members.name}, members, seed ${seed}: ${fault.text}`;
    const isUnchecked = fault.isSpoilt || fault.count > members.spare;
    const work = (): Outcome => {
      const { lines, errors } = exercise(fault.devices, isDeep, whole);
      return { lines: lines.filter((line) => isJudged(line, isUnchecked)), errors };
    };
    judge(result, name, fault.count <= members.spare ? 'one' : 'wrong', work, clean);
  }
  return result;
}

/**
 * Space is told with the names of devices. Where no checksum is, bad bits cannot be seen, and what
 * stands on nothing but old members is read off these.
 */
function isJudged(line: string, isUnchecked: boolean): boolean {
  return !line.startsWith('usage ') && !(isUnchecked && line.includes('/unchecked '));
}

interface Fault {
  readonly text: string;
  /** Members that are missing or spoilt. */
  readonly count: number;
  /** Whether one has bits or sectors that are bad. */
  readonly isSpoilt: boolean;
  readonly devices: readonly Device[];
}

/** Some members, each missing, an old state of itself, or with bits and sectors that are bad. */
function spoil({ devices, older, used }: Members, random: Random): Fault {
  const left: (Device | undefined)[] = [...devices];
  const texts: string[] = [];
  const count = random.between(1, Math.min(3, devices.length) + 1);
  const order = devices.map((_, index) => index);
  for (let i = 0; i < count; i++) {
    const index = order.splice(random.between(0, order.length), 1)[0]!;
    const device = devices[index]!;
    // The last one is as new as the volume: all of them older is a volume as it was.
    const ways = ['bits', 'sectors', 'missing', 'older'] as const;
    const how: (typeof ways)[number] = random.pick(
      i + 1 < devices.length ? ways : ways.slice(0, 2),
    );
    texts.push(`${index} ${how}`);
    if (how === 'missing') left[index] = undefined;
    else if (how === 'older') left[index] = new SpoiltDevice(device, older[index]!);
    else {
      const sectors = badSectors(device, used[index]!, how === 'bits', random);
      left[index] = new SpoiltDevice(device, sectors);
    }
  }
  return {
    text: texts.join(', '),
    count,
    isSpoilt: texts.some((text) => /bits|sectors/.test(text)),
    devices: left.filter((device) => device !== undefined),
  };
}

/** Anywhere: tree blocks, data with checksums, parity. */
function badSectors(
  { bytes }: MemoryDevice,
  used: readonly number[],
  isBit: boolean,
  random: Random,
): Sectors {
  const share = random.pick([0.01, 0.1, 0.5, 1]);
  const bad = (at: number): Uint8Array => {
    if (!isBit) return new Uint8Array(SECTOR).fill(0xa5);
    const sector = bytes.slice(at, at + SECTOR);
    sector[random.between(0, SECTOR)]! ^= 1 << random.between(0, 8);
    return sector;
  };
  return new Map(used.filter(() => random.chance(share)).map((at) => [at, bad(at)]));
}
