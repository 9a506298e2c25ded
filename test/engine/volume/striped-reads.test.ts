import { expect, test } from 'vitest';
import type { Device } from '../../../main/engine/device/index.ts';
import { ChunkMap, type Chunk } from '../../../main/engine/volume/chunk-map.ts';
import { ChunkReader } from '../../../main/engine/volume/chunk-reader.ts';
import { Members, type Member } from '../../../main/engine/volume/members.ts';
import { dataStripes, profileOf } from '../../../main/engine/volume/profiles.ts';
import { ioError } from '../../../shared/errors.ts';
import { Random } from '../../harness/random.ts';

const KIB = 1024;
const GROUPS = { raid0: 8n, raid10: 64n, raid5: 128n } as const;
const START = 4096 * KIB;

/** A disk of noise; what was begun lands in the target when it is waited for. */
class SlowDisk implements Device {
  readonly name = 'disk';
  readonly bytes: Buffer;
  begun = 0;
  finished = 0;
  isBroken = false;

  constructor(seed: number) {
    this.bytes = new Random(seed).bytes(1024 * KIB);
  }
  get sizeBytes(): number {
    return this.bytes.length;
  }
  read(position: number, length: number, target: Uint8Array, at: number): void {
    target.set(this.bytes.subarray(position, position + length), at);
  }
  startRead(position: number, length: number, target: Uint8Array, at: number): () => void {
    this.begun += 1;
    return () => {
      this.finished += 1;
      if (this.isBroken) throw ioError('device-read-failed', 'broken');
      this.read(position, length, target, at);
    };
  }
  close(): void {}
}

function setUp(group: keyof typeof GROUPS, devices: number, missing?: number) {
  const disks = Array.from({ length: devices }, (_, i) => new SlowDisk(i));
  const uuids = disks.map((_, i) => Buffer.alloc(16, i + 1));
  const members = new Members();
  disks.forEach((device, i) => {
    if (i === missing) return;
    const superblock = { device: { uuid: uuids[i]! } } as unknown as Member['superblock'];
    members.add({ device, superblock, stale: false });
  });
  const profile = profileOf(GROUPS[group])!;
  const stripes = uuids.map((deviceUuid, i) => ({ deviceId: i + 1, offset: 64 * KIB, deviceUuid }));
  const data = dataStripes(profile, devices);
  const chunk: Chunk = {
    logical: START,
    length: data * 512 * KIB,
    type: Number(GROUPS[group]),
    profile,
    stripes,
    dataStripes: data,
  };
  return { disks, reader: new ChunkReader(new ChunkMap([chunk]), members, () => undefined) };
}

test.each(['raid0', 'raid10', 'raid5'] as const)(
  'a read over many stripes of %s begins on all devices, and gives what a plain read gives',
  (group) => {
    const { disks, reader } = setUp(group, 4);
    const random = new Random(1);
    for (let round = 0; round < 50; round += 1) {
      const from = START + 4 * KIB * random.between(0, 100);
      const length = 4 * KIB * random.between(20, 100);
      const [expected, target] = [new Uint8Array(length), new Uint8Array(length)];
      reader.read(from, length, expected, 0);
      const finish = reader.startRead(from, length, target, 0);
      expect(disks.reduce((sum, { begun }) => sum + begun, 0)).toBeGreaterThan(1);
      finish!();
      expect(Buffer.compare(target, expected)).toBe(0);
    }
    for (const { begun, finished } of disks) expect(finished).toBe(begun);
  },
);

test('what has to be rebuilt is rebuilt when the rest is waited for', () => {
  const whole = setUp('raid5', 3);
  // parity that fits: of two data stripes, the exclusive or
  for (let at = 64 * KIB, row = 0; row < 8; row += 1, at += 64 * KIB) {
    const [p, a, b] = [2, 0, 1].map((i) => whole.disks[(i + row) % 3]!.bytes);
    for (let i = at; i < at + 64 * KIB; i += 1) p![i] = a![i]! ^ b![i]!;
  }
  const degraded = setUp('raid5', 3, 1);
  degraded.disks.forEach((disk, i) => disk.bytes.set(whole.disks[i]!.bytes));
  const [expected, target] = [new Uint8Array(400 * KIB), new Uint8Array(400 * KIB)];
  whole.reader.read(START + 8 * KIB, expected.length, expected, 0);
  degraded.reader.startRead(START + 8 * KIB, target.length, target, 0)!();
  expect(Buffer.compare(target, expected)).toBe(0);
});

test('after one device has failed, those that are under way are waited for all the same', () => {
  const { disks, reader } = setUp('raid0', 3);
  disks[0]!.isBroken = true;
  const finish = reader.startRead(START, 600 * KIB, new Uint8Array(600 * KIB), 0)!;
  expect(finish).toThrow(expect.objectContaining({ code: 'device-read-failed' }) as Error);
  for (const { begun, finished } of disks) expect(finished).toBe(begun);
});
