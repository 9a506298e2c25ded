import { describe, expect, it } from 'vitest';
import { nameOf } from '../../main/drives/describe-drives.ts';
import { foundDrives } from '../../main/drives/found-drives.ts';
import { parseBlkid, parseLsblk } from '../../main/drives/lsblk.ts';

const blank = {
  model: null,
  vendor: null,
  serial: null,
  tran: null,
  fstype: null,
  uuid: null,
  label: null,
  ro: false,
  rm: false,
  hotplug: false,
};
const listing = JSON.stringify({
  blockdevices: [
    {
      ...blank,
      name: 'sda',
      path: '/dev/sda',
      kname: 'sda',
      type: 'disk',
      'maj:min': '8:0',
      size: 2000,
      hotplug: true,
      model: 'Blue Drive 2T  ',
      vendor: 'ACME',
      serial: 'S1',
      tran: 'usb',
      children: [
        {
          ...blank,
          name: 'sda1',
          path: '/dev/sda1',
          kname: 'sda1',
          type: 'part',
          'maj:min': '8:1',
          size: 1900,
          fstype: 'crypto_LUKS',
          uuid: 'luks-1',
          children: [
            {
              ...blank,
              name: 'backup',
              path: '/dev/mapper/backup',
              kname: 'dm-0',
              type: 'crypt',
              'maj:min': '254:0',
              size: 1880,
              fstype: 'btrfs',
              uuid: 'fs-1',
              label: 'Blue',
            },
          ],
        },
        {
          ...blank,
          name: 'sda2',
          path: '/dev/sda2',
          kname: 'sda2',
          type: 'part',
          'maj:min': '8:2',
          size: 100,
          fstype: 'swap',
          uuid: 'swap-1',
        },
      ],
    },
    {
      ...blank,
      name: 'nvme0n1',
      path: '/dev/nvme0n1',
      kname: 'nvme0n1',
      type: 'disk',
      'maj:min': '259:0',
      // As util-linux before 2.33 prints it.
      size: '5000',
      rm: '0',
      hotplug: '0',
      ro: '0',
      fstype: 'ext4',
      uuid: 'fs-root',
    },
    {
      ...blank,
      name: 'sdc',
      path: '/dev/sdc',
      kname: 'sdc',
      type: 'disk',
      'maj:min': '8:32',
      size: 700,
      rm: true,
    },
  ],
});

describe('the drives of a listing by lsblk', () => {
  const found = foundDrives(parseLsblk(listing), new Map(), [
    { source: '/dev/dm-0', path: '/mnt/blue' },
    { source: '/dev/nvme0n1', path: '/' },
  ]);
  const byId = new Map(found.map((one) => [one.driveId, one]));

  it('look through LUKS, and name the disk below', () => {
    expect(byId.get('fs-1')).toMatchObject({
      filesystem: 'btrfs',
      label: 'Blue',
      devicePaths: ['/dev/mapper/backup'],
      luks: { uuid: 'luks-1', unlocked: true, path: '/dev/sda1' },
      disk: {
        path: '/dev/sda',
        model: 'Blue Drive 2T',
        vendor: 'ACME',
        serial: 'S1',
        transport: 'usb',
      },
      mounts: ['/mnt/blue'],
      system: false,
    });
  });

  it('leave out what cannot hold a backup, and know the system', () => {
    expect([...byId.keys()].sort()).toEqual(['device:/dev/sdc', 'fs-1', 'fs-root']);
    expect(byId.get('fs-root')).toMatchObject({ system: true, sizeBytes: 5000 });
  });

  it('know what else is on the disk of the system, and parts without a filesystem', () => {
    const part = (name: string, more: object) => ({
      ...{ ...blank, name, path: `/dev/${name}`, kname: name, type: 'part', 'maj:min': '8:9' },
      ...{ size: 9e9, uuid: name, ...more },
    });
    const disk = (name: string, children: object[], more: object = {}) => ({
      ...part(name, { type: 'disk', uuid: null, ...more }),
      children,
    });
    const text = JSON.stringify({
      blockdevices: [
        disk('sda', [
          part('sda1', { fstype: 'ntfs' }),
          // The system is on a volume group over parts of two disks.
          disk('sda2', [part('root', { fstype: 'btrfs' })], { fstype: 'LVM2_member' }),
        ]),
        disk('sdb', [
          disk('sdb1', [part('root', { fstype: 'btrfs' })], { fstype: 'LVM2_member' }),
          part('sdb2', { fstype: 'ext4' }),
        ]),
        disk('sdc', [
          part('sdc1', { fstype: 'exfat' }),
          part('sdc2', { uuid: null, rm: true }),
          part('sdc3', { uuid: null, rm: true, size: 1024 }),
        ]),
      ],
    });
    const mounts = [{ source: '/dev/root', path: '/' }];
    const all = foundDrives(parseLsblk(text), new Map(), mounts);
    expect(all.map(({ driveId, system, onSystemDisk }) => [driveId, system, onSystemDisk])).toEqual(
      [
        ['sda1', false, true],
        ['root', true, true],
        ['sdb2', false, true],
        ['sdc1', false, false],
        ['device:/dev/sdc2', false, false],
      ],
    );
  });

  it('are refused in one sentence when the answer is not as expected', () => {
    expect(() => parseLsblk('{"blockdevices": 7}')).toThrow(/lsblk could not list the devices/);
    expect(() => parseLsblk('nonsense')).toThrow(/lsblk could not list the devices/);
  });
});

describe('what blkid prints', () => {
  it('is read with its escapes', () => {
    const probed = parseBlkid(
      'DEVNAME=/dev/loop1\nUUID=u1\nUUID_SUB=m1\nLABEL=Blue\\ Drive\\\\x\nTYPE=btrfs\n\nDEVNAME=/dev/loop2\nPTTYPE=gpt\n',
    );
    expect([...probed]).toEqual([
      ['/dev/loop1', { filesystem: 'btrfs', uuid: 'u1', label: 'Blue Drive\\x', memberUuid: 'm1' }],
    ]);
  });
});

// The label of a stranger's drive turned the sentences and buttons round that named it.
it('a label that would reorder what stands behind it is shown with what it has in it', () => {
  const [drive] = foundDrives(parseLsblk(listing), new Map(), []);
  expect(nameOf({ ...drive!, label: 'Blue\u202egpj.exe' })).toBe('Blue\\u202egpj.exe');
});
