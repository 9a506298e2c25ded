import { describe, expect, test } from 'vitest';
import { placesFor, unusableDrives } from '../../renderer/model/backup-places.ts';
import { archiveChoices } from '../../renderer/model/targets.ts';
import type { Drive } from '../../shared/model/drive.ts';
import type { Source } from '../../shared/model/subvolume.ts';
import type { Volume } from '../../shared/model/volume.ts';

const GB = 1e9;

function drive(driveId: string, part: Partial<Drive> = {}): Drive {
  return {
    ...{ driveId, name: driveId, state: 'mounted', known: false, system: false },
    ...{ onSystemDisk: false, filesystem: 'ext4', label: '', sizeBytes: 100 * GB },
    ...{ freeBytes: 50 * GB, devicePath: `/dev/${driveId}1`, luks: null, mounts: ['/m'] },
    disk: {
      ...{ path: `/dev/${driveId}`, model: '', vendor: '', serial: '', transport: 'usb' },
      ...{ removable: true, readOnly: false },
    },
    ...{ inUse: 0, lastSeenAtMs: 0, problem: null },
    ...part,
  };
}

const volume = (volumeId: string, freeBytes = 10 * GB, canReceive = true): Volume =>
  ({ volumeId, name: volumeId, freeBytes, canReceive }) as unknown as Volume;
const source = (places: readonly string[] = []): Source =>
  ({ volumeId: 'own', places: places.map((volumeId) => ({ volumeId })) }) as unknown as Source;
const own = drive('own', { filesystem: 'btrfs', system: true, onSystemDisk: true });

const shown = (drives: Drive[], volumes: Volume[] = [], from = source()): string[] =>
  placesFor(from, volumes, [own, ...drives]).map(({ kind, id }) => `${kind} ${id}`);

describe('where a source can be backed up to', () => {
  test('a volume whose drive is still taken for not mounted is there once', () => {
    const late = drive('blue', { filesystem: 'btrfs', state: 'unmounted', mounts: [] });
    expect(shown([late], [volume('blue')])).toEqual(['btrfs blue']);
  });

  test('the system’s disk is never offered, whatever is on it', () => {
    const other = drive('windows', { filesystem: 'ntfs', onSystemDisk: true });
    const second = drive('second', { filesystem: 'btrfs', onSystemDisk: true });
    const closed = drive('closed', { state: 'unmounted', mounts: [], onSystemDisk: true });
    expect(shown([other, second, closed], [volume('own'), volume('second')])).toEqual([]);
  });

  test('unless a person gave that partition to Dendro', () => {
    const data = drive('data', { onSystemDisk: true, known: true });
    expect(shown([data])).toEqual(['streams data']);
  });

  test('a plan is offered no other partition of it either, and none without a filesystem is told', () => {
    const other = drive('windows', { filesystem: 'ntfs', onSystemDisk: true });
    const empty = drive('empty', { state: 'blank', onSystemDisk: true });
    const [mine, stick] = [drive('mine', { onSystemDisk: true, known: true }), drive('stick')];
    const drives = [own, other, empty, mine, stick];
    expect(archiveChoices({ volumes: [], drives }).map(({ value }) => value)).toEqual([
      ...['mine', 'stick'],
    ]);
    expect(unusableDrives(drives)).toEqual([]);
  });

  test('nor is the disk of the source itself', () => {
    const beside = drive('beside', { disk: { ...own.disk!, removable: true } });
    expect(shown([beside])).toEqual([]);
  });

  test('btrfs comes first, then other filesystems, then what has to be mounted, the roomiest first', () => {
    const drives = [
      drive('locked', {
        ...{ state: 'locked', filesystem: '', mounts: [], freeBytes: null },
        luks: { uuid: 'l', unlocked: false, passphrase: 'ask' },
      }),
      drive('small', { filesystem: 'exfat', freeBytes: 5 * GB }),
      drive('big', { filesystem: 'ntfs' }),
      drive('blue', { filesystem: 'btrfs' }),
      drive('off', { state: 'unmounted', mounts: [], freeBytes: null, sizeBytes: 900 * GB }),
    ];
    expect(shown(drives, [volume('own'), volume('blue')])).toEqual([
      ...['btrfs blue', 'streams big', 'streams small', 'closed off', 'closed locked'],
    ]);
  });

  test('where it is already is the first, also as stream files in a folder of their own', () => {
    const drives = [drive('blue', { filesystem: 'btrfs' }), drive('stick')];
    const from = source(['archive:stick/old/backups']);
    const [first] = placesFor(from, [volume('blue')], [own, ...drives]);
    expect(first).toMatchObject({ kind: 'streams', id: 'stick', folder: 'old/backups' });
    const [btrfs, streams] = placesFor(source(), [volume('blue')], [own, ...drives]);
    expect([btrfs!.kind, streams]).toMatchObject(['btrfs', { folder: 'Dendro' }]);
  });

  test('what cannot be written to is not offered, and what is empty is told instead', () => {
    const drives = [
      drive('twin', { problem: { kind: 'Conflict', code: 'x', message: '', hint: '', place: {} } }),
      drive('locked-switch', { disk: { ...own.disk!, path: '/dev/x', readOnly: true } }),
      drive('away', { state: 'away', mounts: [] }),
      drive('empty', { state: 'blank', filesystem: '', mounts: [] }),
      drive('mac', { state: 'unmounted', filesystem: 'apfs', mounts: [] }),
    ];
    expect(shown(drives)).toEqual([]);
    expect(unusableDrives([own, ...drives]).map(({ driveId }) => driveId)).toEqual([
      'empty',
      'mac',
    ]);
  });
});
