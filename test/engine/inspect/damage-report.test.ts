import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { statInode, verifySubvolume, verifyVolume } from '../../../main/engine/inspect/index.ts';
import { closeVolumes, damagesOf, volumeFor } from '../../../main/engine/open-volumes.ts';
import { lookup, openSubvolume, readFile } from '../../../main/engine/tree/index.ts';
import { openVolume, type Damage } from '../../../main/engine/volume/index.ts';
import { describeKernel } from '../../harness/kernel.ts';
import { withBtrfs, type TestBtrfs } from '../../harness/loop.ts';
import { Random } from '../../harness/random.ts';
import { run } from '../../harness/run.ts';

const bytes = (words: string): Uint8Array => Uint8Array.from(Buffer.from(words));

/** Where a file's data stands, by byte of the file: the first copy and all others. */
function placesOf(fs: TestBtrfs, name: string, offset: number) {
  const volume = openVolume(fs.images);
  const subvolume = openSubvolume(volume, 5);
  const { inode } = lookup(subvolume, bytes(name));
  const extent = statInode(subvolume, inode)!.extents.findLast((e) => e.fileOffset <= offset)!;
  const logical = extent.diskLogical + (extent.compression === 0 ? offset - extent.fileOffset : 0);
  const places = Array.from({ length: volume.chunks.copyCount(logical) }, (_, rank) =>
    volume.chunks.place(logical, rank),
  );
  volume.close();
  return { inode, logical, places };
}

function overwrite(path: string, physical: number, length: number): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.alloc(length, 0xa5), 0, length, physical);
  closeSync(fd);
}

describeKernel('what is said of damage', () => {
  test.each([
    ['raid1', 2, 'mirror'],
    ['raid10', 4, 'mirror'],
    ['raid5', 3, 'parity'],
    ['raid6', 4, 'parity'],
  ] as const)('%s: device, place, file and offset, and the good copy', async (profile, n, by) => {
    await withBtrfs({ devices: n, mkfsArgs: ['-d', profile, '-m', 'raid1'] }, (fs) => {
      const content = new Random(1).bytes(1_500_000);
      writeFileSync(`${fs.dir}/victim`, content);
      fs.unmount();
      const { inode, places } = placesOf(fs, 'victim', 409_600);
      const [bad, good] = places;
      overwrite(bad!.device, bad!.physical, 8192);
      const expected = {
        what: 'data',
        reason: 'checksum',
        device: bad!.device,
        physical: bad!.physical,
        tree: 5,
        inode,
        offset: 409_600,
        healedBy: by,
        goodDevice: good!.device,
        goodPhysical: good!.physical,
      };
      expect(good!.device).not.toBe(bad!.device);
      const input = { devices: fs.images, mountPath: null };
      const subvolume = openSubvolume(volumeFor(input), 5);
      const read = Buffer.alloc(content.length);
      for (const { offset, data } of readFile(subvolume, inode)) read.set(data, offset);
      expect(read.equals(content)).toBe(true);
      // while reading, a report for each sector
      expect(damagesOf(input)).toMatchObject(
        [
          { ...expected, path: bytes('victim'), lengthBytes: 4096 },
          { ...expected, path: bytes('victim'), offset: 413_696, physical: bad!.physical + 4096 },
        ].map(({ goodPhysical, ...rest }, i) => ({
          ...rest,
          goodPhysical: goodPhysical + i * 4096,
        })),
      );
      closeVolumes();
      // a whole look makes one report of it, and blames no good stripe beside it
      const volume = openVolume(fs.images);
      for (const report of [verifyVolume(volume), verifySubvolume(openSubvolume(volume, 5))]) {
        expect(report.damages).toMatchObject([
          { ...expected, lengthBytes: 8192, path: bytes('victim') },
        ]);
      }
      volume.close();
    });
  });

  test.each([
    ['raid5', 3, 1],
    ['raid6', 4, 1],
    ['raid6', 4, 2],
  ] as const)(
    '%s of %i: a bad parity (%i) is found and is not the data',
    async (profile, n, rank) => {
      await withBtrfs({ devices: n, mkfsArgs: ['-d', profile, '-m', 'raid1'] }, (fs) => {
        writeFileSync(`${fs.dir}/file`, new Random(1).bytes(1_500_000));
        fs.unmount();
        const parity = placesOf(fs, 'file', 200_000 - (200_000 % 4096)).places[rank]!;
        const { by, ...place } = parity;
        expect(by).toBe('parity');
        overwrite(parity.device, parity.physical, 4096);
        const volume = openVolume(fs.images);
        const { damages } = verifyVolume(volume);
        expect(damages.length).toBeGreaterThan(0);
        for (const damage of damages) {
          expect(damage).toMatchObject({ reason: 'parity', healedBy: 'mirror', ...place });
        }
        volume.close();
      });
    },
  );

  test('a device that refuses to read; superblock copies; what has no checksums', async () => {
    await withBtrfs({ devices: 2, mkfsArgs: ['-d', 'raid1', '-m', 'raid1'] }, (fs) => {
      writeFileSync(`${fs.dir}/file`, new Random(1).bytes(300_000));
      run('touch', [`${fs.dir}/nocow`]);
      run('chattr', ['+C', `${fs.dir}/nocow`]);
      writeFileSync(`${fs.dir}/nocow`, Buffer.alloc(81_920, 'n'));
      fs.unmount();
      overwrite(fs.images[1]!, 64 * 1024 * 1024, 4096);
      const { inode, places } = placesOf(fs, 'file', 0);
      run('truncate', ['-s', String(places[0]!.physical), places[0]!.device]);
      const damages: Damage[] = [];
      const volume = openVolume(fs.images, { onDamage: (d) => damages.push(d) });
      expect([...readFile(openSubvolume(volume, 5), inode)].every((c) => c.isVerified)).toBe(true);
      expect(damages.find(({ what }) => what === 'data')).toMatchObject({
        reason: 'device-too-short',
        device: places[0]!.device,
        healedBy: 'mirror',
        goodDevice: places[1]!.device,
        inode,
        offset: 0,
      });
      const report = verifyVolume(volume);
      expect(report.unverifiedBytes).toBe(81_920);
      expect(report.damages.filter(({ what }) => what === 'superblock')).toMatchObject([
        { device: fs.images[1]!, physical: 64 * 1024 * 1024, healedBy: 'mirror' },
      ]);
      volume.close();
    });
  });

  test('a missing device is named', async () => {
    await withBtrfs({ devices: 2, mkfsArgs: ['-d', 'raid1', '-m', 'raid1'] }, (fs) => {
      writeFileSync(`${fs.dir}/file`, new Random(1).bytes(300_000));
      fs.unmount();
      const volume = openVolume([fs.images[0]!]);
      expect(verifyVolume(volume)).toMatchObject({ damages: [], missingDevices: [2] });
      volume.close();
    });
  });
});
