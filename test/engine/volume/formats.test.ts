import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MemoryDevice, openDevice } from '../../../main/engine/device/index.ts';
import { listBlockDevices } from '../../../main/engine/device/list-devices.ts';
import {
  lookup,
  openSubvolume,
  readFile,
  defaultSubvolume,
} from '../../../main/engine/tree/index.ts';
import { verifyVolume } from '../../../main/engine/inspect/index.ts';
import { checksumOf } from '../../../main/engine/volume/checksum.ts';
import { openVolume, type Damage } from '../../../main/engine/volume/index.ts';
import { fillTree } from '../../harness/fill.ts';
import { describeKernel } from '../../harness/kernel.ts';
import { attachLoop, detachLoop, withBtrfs } from '../../harness/loop.ts';
import { Random } from '../../harness/random.ts';
import { run } from '../../harness/run.ts';
import { describeByKernel, describeByReader } from '../describe.ts';

const top = (sources: readonly string[], damage: Damage[] = []) => {
  const volume = openVolume(sources, { onDamage: (d) => damage.push(d) });
  try {
    expect(verifyVolume(volume).damages).toEqual([]);
    return describeByReader(openSubvolume(volume, 5));
  } finally {
    volume.close();
  }
};

describeKernel('every shape of filesystem, against the kernel', () => {
  test.each<[string, string[], number?]>([
    ['nodes of 4 KiB', ['-n', '4096']],
    ['nodes of 8 KiB', ['-n', '8192']],
    ['nodes of 64 KiB', ['-n', '65536']],
    ['mixed block groups', ['-M']],
    [
      'explicit holes, wide metadata, no free space tree',
      ['-O', '^no-holes,^skinny-metadata', '-R', '^free-space-tree'],
    ],
    ['quotas', ['-R', 'quota']],
    ['data single, metadata RAID1C3', ['-d', 'single', '-m', 'raid1c3'], 3],
    ['data RAID6, metadata RAID10', ['-d', 'raid6', '-m', 'raid10'], 4],
  ])('%s', async (_, mkfsArgs, devices = 1) => {
    await withBtrfs({ mkfsArgs, devices, sizeMiB: 256 }, (fs) => {
      fillTree(fs.dir, { files: 100 });
      fs.sync();
      const kernel = describeByKernel(fs.dir);
      expect(top(fs.devices)).toEqual(kernel);
      fs.unmount();
      expect(top(fs.images)).toEqual(kernel);
    });
  });

  test.each([8192, 16_384, 32_768, 65_536])(
    'sectors of %i bytes, which few kernels mount',
    async (size) => {
      await withBtrfs({ mount: false }, (fs) => {
        const source = `${fs.dir}/source`;
        mkdirSync(source);
        const random = new Random(size);
        for (const bytes of [0, 1, 3000, 8192, 70_000, 2_000_000]) {
          writeFileSync(`${source}/${bytes}`, random.bytes(bytes));
        }
        // the tool itself fills it: no kernel is needed
        const args = ['-s', String(size), '-n', String(size), '--rootdir', source];
        run('mkfs.btrfs', ['-q', '-f', ...args, fs.images[0]!]);
        const volume = openVolume([fs.images[0]!]);
        expect(volume.sectorSize).toBe(size);
        expect(verifyVolume(volume).damages).toEqual([]);
        const subvolume = openSubvolume(volume, 5);
        for (const name of readdirSync(source)) {
          const { inode } = lookup(subvolume, Buffer.from(name));
          const read = Buffer.alloc(Number(name));
          for (const { offset, data } of readFile(subvolume, inode)) read.set(data, offset);
          expect(read.equals(readFileSync(`${source}/${name}`))).toBe(true);
        }
        volume.close();
      });
    },
  );

  test('mixed profiles, as an unfinished balance leaves them', async () => {
    await withBtrfs({ devices: 3, sizeMiB: 400, mkfsArgs: ['-d', 'single', '-m', 'dup'] }, (fs) => {
      fillTree(fs.dir, { files: 100 });
      fs.sync();
      run('btrfs', ['balance', 'start', '-f', '-mconvert=raid1,limit=1', fs.dir]);
      writeFileSync(`${fs.dir}/big`, Buffer.alloc(30_000_000, 'x'));
      run('btrfs', ['balance', 'start', '-f', '-dconvert=raid5,limit=1', fs.dir]);
      const kernel = describeByKernel(fs.dir);
      fs.unmount();
      expect(top(fs.images)).toEqual(kernel);
    });
  });

  test.each(['-m', '-u'])('a new UUID by btrfstune %s', async (option) => {
    await withBtrfs({}, (fs) => {
      fillTree(fs.dir, { files: 20 });
      const kernel = describeByKernel(fs.dir);
      fs.unmount();
      run('btrfstune', ['-f', option, fs.device]);
      expect(top([fs.device])).toEqual(kernel);
    });
  });

  test('a filesystem grown from a seed, its devices found among candidates', async () => {
    await withBtrfs({}, async (seed) => {
      fillTree(seed.dir, { files: 20 });
      seed.unmount();
      run('btrfstune', ['-S', '1', seed.device]);
      await withBtrfs({ mount: false }, (grown) => {
        run('wipefs', ['-a', grown.device]);
        run('mount', ['-t', 'btrfs', seed.device, grown.dir]);
        try {
          run('btrfs', ['device', 'add', '-f', grown.device, grown.dir]);
          run('mount', ['-o', 'remount,rw', grown.dir]);
          writeFileSync(`${grown.dir}/grown`, 'since the seed');
          run('btrfs', ['filesystem', 'sync', grown.dir]);
          const kernel = describeByKernel(grown.dir);
          expect(top([grown.device, seed.device])).toEqual(kernel);
          const found = openVolume([grown.device], { candidates: listBlockDevices });
          expect(describeByReader(openSubvolume(found, 5))).toEqual(kernel);
          found.close();
          const alone = openVolume([grown.device]);
          expect(() => describeByReader(openSubvolume(alone, 5))).toThrow(/missing/);
          alone.close();
        } finally {
          run('umount', [grown.dir]);
        }
      });
    });
  });

  test('a copy by dd among the candidates is refused, both named', async () => {
    await withBtrfs({ devices: 2, mkfsArgs: ['-m', 'raid1', '-d', 'raid1'] }, (fs) => {
      fs.unmount();
      const copy = `${fs.images[1]}.copy`;
      copyFileSync(fs.images[1]!, copy);
      const candidates = (): readonly string[] => [...fs.images, copy];
      expect(() => openVolume([fs.images[0]!], { candidates })).toThrow(
        expect.objectContaining({ kind: 'Conflict', code: 'duplicate-device' }),
      );
      expect(() => openVolume([fs.images[1]!, copy])).toThrow(/disk1\.img and .*disk1\.img\.copy/);
      // the same device by two names is one device
      const loop = attachLoop(fs.images[1]!);
      try {
        openVolume([fs.images[0]!, fs.images[1]!, loop]).close();
        openVolume([fs.images[0]!], { candidates: () => [...fs.images, loop] }).close();
      } finally {
        detachLoop(loop);
      }
    });
  });

  test('a device that was away is read last, and what is old on it is healed', async () => {
    await withBtrfs({ devices: 2, mkfsArgs: ['-m', 'raid1', '-d', 'raid1'] }, (fs) => {
      writeFileSync(`${fs.dir}/old`, Buffer.alloc(100_000, 'o'));
      fs.unmount();
      fs.detach(0);
      fs.mount('degraded');
      writeFileSync(`${fs.dir}/old`, Buffer.alloc(100_000, 'n'));
      fillTree(fs.dir, { files: 50 });
      const kernel = describeByKernel(fs.dir);
      fs.unmount();
      const volume = openVolume(fs.images);
      expect(volume.members.all.map(({ stale }) => stale)).toEqual([true, false]);
      expect(describeByReader(openSubvolume(volume, 5))).toEqual(kernel);
      volume.close();
    });
  });

  test('the default subvolume, and a path through nested subvolumes', async () => {
    await withBtrfs({}, (fs) => {
      run('btrfs', ['subvolume', 'create', `${fs.dir}/home`]);
      run('btrfs', ['subvolume', 'create', `${fs.dir}/home/nested`]);
      writeFileSync(`${fs.dir}/home/nested/file`, 'found');
      run('btrfs', ['subvolume', 'snapshot', '-r', `${fs.dir}/home`, `${fs.dir}/snap`]);
      run('btrfs', ['subvolume', 'set-default', `${fs.dir}/home`]);
      fs.sync();
      const volume = openVolume([fs.device]);
      expect(defaultSubvolume(volume)).toBe(256);
      const found = lookup(openSubvolume(volume, 5), Buffer.from('/home//nested/./file'));
      expect(found.subvolume.id).toBe(257);
      expect(
        Buffer.concat([...readFile(found.subvolume, found.inode)].map((c) => c.data)).toString(),
      ).toBe('found');
      expect(() => lookup(openSubvolume(volume, 5), Buffer.from('snap/nested/file'))).toThrow(
        /was a subvolume of its own/,
      );
      volume.close();
    });
  });

  test('superblocks: the copy at 64 MiB stands in; unreadable features are refused by name', async () => {
    await withBtrfs({}, (fs) => {
      writeFileSync(`${fs.dir}/file`, 'content');
      const kernel = describeByKernel(fs.dir);
      fs.unmount();
      const bytes = new Uint8Array(256 * 1024 * 1024);
      openDevice(fs.images[0]!).read(0, bytes.length, bytes, 0);
      const device = new MemoryDevice(bytes);
      const refuse = (feature: bigint, name: RegExp): void => {
        const superblock = bytes.subarray(65536, 65536 + 4096);
        const before = Uint8Array.from(superblock);
        const view = new DataView(bytes.buffer, 65536);
        view.setBigUint64(188, view.getBigUint64(188, true) | feature, true);
        superblock.set(checksumOf(0).compute(superblock.subarray(32)));
        expect(() => openVolume([device])).toThrow(name);
        superblock.set(before);
      };
      refuse(1n << 12n, /uses zoned/);
      refuse(1n << 13n, /uses extent-tree-v2/);
      refuse(1n << 14n, /uses raid-stripe-tree/);
      refuse(1n << 17n, /uses remap-tree/);
      refuse(1n << 40n, /uses unknown feature bit 40/);
      bytes.fill(0, 65536 + 200, 65536 + 300);
      const damage: Damage[] = [];
      const volume = openVolume([device], { onDamage: (d) => damage.push(d) });
      expect(describeByReader(openSubvolume(volume, 5))).toEqual(kernel);
      expect(damage[0]).toMatchObject({ what: 'superblock', physical: 65536 });
    });
  });
});
