import { closeSync, fsyncSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { listSubvolumes, openSubvolume } from '../../../main/engine/tree/index.ts';
import { openVolume, type Chunk, type Damage } from '../../../main/engine/volume/index.ts';
import { fillTree } from '../../harness/fill.ts';
import { describeKernel } from '../../harness/kernel.ts';
import { withBtrfs, type TestBtrfs } from '../../harness/loop.ts';
import { Random } from '../../harness/random.ts';
import { run } from '../../harness/run.ts';
import { describeByKernel, describeByReader, type Description } from '../describe.ts';

/** Every profile that mkfs offers, the devices it gets, and how many it can lose. */
const profiles = [
  { profile: 'single', devices: 2, spare: 0 },
  { profile: 'dup', devices: 1, spare: 0 },
  { profile: 'raid0', devices: 3, spare: 0 },
  { profile: 'raid1', devices: 2, spare: 1 },
  { profile: 'raid1c3', devices: 3, spare: 2 },
  { profile: 'raid1c4', devices: 4, spare: 3 },
  { profile: 'raid10', devices: 4, spare: 1 },
  { profile: 'raid5', devices: 4, spare: 1 },
  { profile: 'raid6', devices: 5, spare: 2 },
] as const;
const checksums = ['crc32c', 'xxhash', 'sha256', 'blake2'] as const;
/** What mkfs takes for data and metadata together is tried whole by `npm run table` only. */
const isWhole = process.env['DENDRO_TABLE'] === 'whole';
const table = profiles.flatMap((row, i) =>
  checksums
    .filter((_, j) => isWhole || j === 0 || j === 1 + (i % 3))
    .map((checksum) => ({ ...row, checksum })),
);
const mixed = profiles
  .filter(({ profile }) => isWhole || ['dup', 'raid6'].includes(profile))
  .map((row) => ({ ...row, checksum: 'crc32c' as const }));

/** Each filesystem holds each compression: a folder that was filled under the mount option. */
function fill(fs: TestBtrfs): void {
  run('btrfs', ['-q', 'subvolume', 'create', `${fs.dir}/data`]);
  fillTree(`${fs.dir}/data`, { files: 5 });
  for (const compression of ['zlib', 'lzo', 'zstd']) {
    run('mount', ['-o', `remount,compress-force=${compression}`, fs.dir]);
    fillWithText(`${fs.dir}/data/${compression}`);
  }
  run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', `${fs.dir}/data`, `${fs.dir}/snap`]);
  fs.sync();
}

/** Files that compress, inline and in extents; one is overwritten in parts, one has a hole. */
function fillWithText(dir: string): void {
  const random = new Random(7);
  mkdirSync(dir);
  for (const size of [1, 900, 3000, 4096, 5000, 131_072, 400_000]) {
    writeFileSync(`${dir}/text-${size}`, random.text(size));
  }
  writeFileSync(`${dir}/noise`, random.bytes(150_000));
  const fd = openSync(`${dir}/parts`, 'w');
  writeSync(fd, random.text(500_000));
  fsyncSync(fd);
  for (const at of [4096, 65_536, 300_000]) writeSync(fd, random.text(20_000), 0, 20_000, at);
  writeSync(fd, random.text(30_000), 0, 30_000, 900_000);
  closeSync(fd);
}

function read(sources: readonly string[], damage: Damage[] = []): Description {
  const volume = openVolume(sources, { onDamage: (d) => damage.push(d) });
  try {
    expect(listSubvolumes(volume).map(({ path }) => Buffer.from(path).toString())).toEqual([
      '',
      'data',
      'snap',
    ]);
    return describeByReader(openSubvolume(volume, Buffer.from('snap')));
  } finally {
    volume.close();
  }
}

/** Overwrites everything that chunks keep on the device, superblocks left alone. */
function trash(images: readonly string[], lost: number, chunks: readonly Chunk[], ids: number[]) {
  const noise = Buffer.alloc(1024 * 1024, 0xa5);
  const fd = openSync(images[lost]!, 'r+');
  for (const { length, dataStripes, profile, stripes } of chunks) {
    const size = profile.layout === 'mirrored' ? length : length / dataStripes;
    // of DUP, both copies are on the device: the first one goes
    for (const stripe of stripes.filter(({ deviceId }) => deviceId === ids[lost]).slice(0, 1)) {
      for (let done = 0; done < size; done += noise.length) {
        writeSync(fd, noise, 0, Math.min(noise.length, size - done), stripe.offset + done);
      }
    }
  }
  closeSync(fd);
}

function layoutOf(images: readonly string[]): { chunks: readonly Chunk[]; ids: number[] } {
  const volume = openVolume(images);
  const chunks = volume.chunks.map.chunks;
  const ids = images.map(
    (image) =>
      volume.members.all.find(({ device }) => device.name === image)!.superblock.device.deviceId,
  );
  volume.close();
  return { chunks, ids };
}

/** Every choice of devices that may be missing at most; in the slice, two of them. */
function lossesOf(devices: number, spare: number): number[][] {
  if (spare === 0) return [];
  const all = Array.from({ length: 2 ** devices }, (_, bits) =>
    Array.from({ length: devices }, (_, i) => i).filter((i) => (bits & (1 << i)) !== 0),
  ).filter((lost) => lost.length === spare);
  return isWhole ? all : [all[0]!, all.at(-1)!];
}

describeKernel('profile x checksum x compression, against the kernel', () => {
  test.each(table)('$profile, $checksum', (row) => check(row, []));
  test.each(mixed)('$profile, mixed block groups', (row) => check(row, ['-M']));

  async function check(
    { profile, checksum, devices, spare }: (typeof table)[number],
    more: string[],
  ): Promise<void> {
    const mkfsArgs = ['-d', profile, '-m', profile, '--csum', checksum, ...more];
    await withBtrfs({ sizeMiB: 256, devices, mkfsArgs }, (fs) => {
      fill(fs);
      const kernel = describeByKernel(`${fs.dir}/snap`);
      expect(kernel.size).toBeGreaterThan(200);
      expect(read(fs.devices), 'mounted').toEqual(kernel);
      fs.unmount();
      const damage: Damage[] = [];
      expect(read(fs.images, damage), 'unmounted').toEqual(kernel);
      expect(damage).toEqual([]);
      for (const lost of lossesOf(devices, spare)) {
        const left = fs.images.filter((_, i) => !lost.includes(i));
        expect(read(left), `without devices ${lost.join(' and ')}`).toEqual(kernel);
      }
      if (spare === 0 && profile !== 'dup') {
        if (devices > 1) expect(() => read(fs.images.slice(1))).toThrow(/missing/);
        return;
      }
      const { chunks, ids } = layoutOf(fs.images);
      trash(fs.images, 0, chunks, ids);
      const healed = read(fs.images, damage);
      // what has no checksums cannot be told from damage
      for (const lines of [kernel, healed]) lines.delete('flags/nocow');
      expect(healed, 'the first device damaged').toEqual(kernel);
      expect(damage.length).toBeGreaterThan(0);
      expect(damage.every(({ device }) => device === fs.images[0])).toBe(true);
      expect(damage.some(({ what }) => what === 'data')).toBe(true);
      expect(damage.some(({ what }) => what === 'metadata')).toBe(true);
    });
  }
});
