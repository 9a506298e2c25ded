import type { Drive } from '../../../shared/model/drive.ts';
import type { Source } from '../../../shared/model/subvolume.ts';
import { chainOf } from '../../../main/plan/chain.ts';
import type { Answers } from './stand-in.ts';

const GB = 1e9;
const DAY = 86_400_000;

export interface DriveWorld {
  readonly nowMs: number;
  readonly laptop: string;
  readonly blue: string;
  readonly green: string;
  readonly exfat: string;
  readonly pointId: string;
  readonly sources: () => readonly Source[];
}

function drive(driveId: string, name: string, part: Partial<Drive> = {}): Drive {
  return {
    ...{ driveId, name, label: name, state: 'mounted', known: true, system: false },
    onSystemDisk: part.system ?? false,
    ...{ filesystem: 'btrfs', sizeBytes: 2_000 * GB, freeBytes: 1_270 * GB },
    ...{ devicePath: '/dev/sda1', luks: null, mounts: ['/run/media/anna/Blue Drive'] },
    disk: {
      ...{
        path: (part.devicePath ?? '/dev/sda1').replace(/p?\d+$/, ''),
        model: 'Portable SSD T7',
        vendor: 'Samsung',
        serial: 'S5T0NX0R9',
      },
      ...{ transport: 'usb', removable: true, readOnly: false },
    },
    ...{ inUse: 0, lastSeenAtMs: 0, problem: null },
    ...part,
  };
}

/** The system's disk, a drive in use, one in the drawer, a locked one, a stick, an empty one. */
export function exampleDrives(world: DriveWorld): Drive[] {
  const { nowMs } = world;
  return [
    drive(world.laptop, 'Laptop', {
      ...{
        system: true,
        mounts: ['/', '/home'],
        devicePath: '/dev/nvme0n1p3',
        lastSeenAtMs: nowMs,
      },
      ...{ sizeBytes: 512 * GB, freeBytes: 298 * GB },
    }),
    drive(world.blue, 'Blue Drive', { lastSeenAtMs: nowMs }),
    drive(world.green, 'Green Drive', {
      ...{ state: 'away', devicePath: null, disk: null, mounts: [], freeBytes: null },
      lastSeenAtMs: nowMs - 9 * DAY,
    }),
    drive('luks:5f0c', 'Safe', {
      ...{ state: 'locked', filesystem: '', mounts: [], freeBytes: null, lastSeenAtMs: nowMs },
      luks: { uuid: '5f0c', unlocked: false, passphrase: 'keyring' },
    }),
    drive(world.exfat, 'STICK', {
      ...{ state: 'unmounted', known: false, filesystem: 'exfat', mounts: [], freeBytes: null },
      ...{ sizeBytes: 128 * GB, lastSeenAtMs: nowMs, devicePath: '/dev/sdc1' },
    }),
    drive('device:/dev/sdd', '/dev/sdd', {
      ...{ state: 'blank', known: false, filesystem: '', label: '', mounts: [], freeBytes: null },
      ...{ sizeBytes: 4_000 * GB, lastSeenAtMs: nowMs, devicePath: '/dev/sdd' },
    }),
  ];
}

/** Answers about drives, what they hold on to, and the lineage of Home. */
export function driveAnswers(world: DriveWorld): Answers {
  const drives = exampleDrives(world);
  return {
    'drives.list': () => drives,
    'drives.release': () => ({ safeToUnplug: true, state: 'powered-off' }),
    'drives.mount': ({ driveId }) => ({
      drive: drives.find((one) => one.driveId === driveId)!,
      kept: false,
    }),
    'drives.change': () => ({}),
    'drives.forget': () => ({}),
    'pins.list': () => [
      {
        ...{ sourceUuid: world.pointId, placeId: world.green, placeName: 'Green Drive' },
        ...{ pointId: world.pointId, pointName: 'system.20260813', overdue: true },
        ...{ takenAtMs: world.nowMs - 101 * DAY, sentAtMs: world.nowMs - 101 * DAY },
        lastSeenAtMs: world.nowMs - 101 * DAY,
      },
      {
        ...{ sourceUuid: world.pointId, placeId: world.blue, placeName: 'Blue Drive' },
        ...{ pointId: world.pointId, pointName: '2026-11-22T10:05', overdue: false },
        ...{ takenAtMs: world.nowMs - 4 * 3_600_000, sentAtMs: world.nowMs - 4 * 3_600_000 },
        lastSeenAtMs: world.nowMs,
      },
    ],
    'pins.release': () => ({ released: 1 }),
    'verify.start': () => ({ runId: 'run-1' }),
    'chain.get': ({ source: { volumeId, subvolumeId } }) => {
      const source = world.sources().find((one) => one.subvolumeId === subvolumeId)!;
      const chain = chainOf({
        points: source.points,
        sourceVolumeId: volumeId,
        places: source.places.map(({ volumeId: id, name, present }) => ({
          ...{ volumeId: id, name, present },
        })),
      });
      return {
        ...chain,
        source: { volumeId, subvolumeId, name: source.name },
        commands: [],
      };
    },
    'space.bill': () => ({
      totalBytes: 720 * GB,
      subvolumes: Array.from({ length: 60 }, (_, i) => ({
        ...{ subvolumeId: 512 + i, path: `backups/home.2026-${String(i).padStart(3, '0')}` },
        ...{ isDeleted: false, referencedBytes: 187 * GB, sharedBytes: 180 * GB },
        exclusiveBytes: Math.round((((i * 7_919) % 101) / 101) ** 3 * 9 * GB),
      })),
    }),
  };
}
