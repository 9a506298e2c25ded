import type { Drive } from '../../shared/model/drive.ts';
import { driveOfPlace } from '../../shared/model/plan-target.ts';
import type { Source } from '../../shared/model/subvolume.ts';
import type { Volume } from '../../shared/model/volume.ts';
import { isOffered } from './offered.ts';

/** Somewhere that a backup can go to now, or as soon as the drive is mounted. */
export type BackupPlace = {
  /** The volume's id for btrfs, else the drive's. */
  readonly id: string;
  readonly name: string;
  readonly freeBytes: number | null;
} & (
  | { readonly kind: 'btrfs' }
  | { readonly kind: 'streams'; readonly filesystem: string; readonly folder: string }
  /** `filesystem` is '' while it is locked. */
  | { readonly kind: 'closed'; readonly filesystem: string; readonly drive: Drive }
);

/** What files can be written to with their names: other filesystems are not offered. */
const FILESYSTEMS = new Set(
  'ext2 ext3 ext4 xfs f2fs jfs bcachefs exfat vfat ntfs ntfs3 btrfs'.split(' '),
);

/** Where stream files go on a drive that a person has not chosen a folder on. */
export const STREAM_FOLDER = 'Dendro';

/**
 * Where a source can be backed up to, the best first: where it is already, then btrfs, then other
 * filesystems, then what has to be mounted. Never its own disk, nor the system's.
 */
export function placesFor(
  source: Source | undefined,
  volumes: readonly Volume[],
  drives: readonly Drive[],
): BackupPlace[] {
  const driveOf = new Map(drives.map((drive) => [drive.driveId, drive]));
  const ownDisk = source && driveOf.get(source.volumeId)?.disk?.path;
  const holders = new Set(
    source?.places.map(({ volumeId }) => driveOfPlace(volumeId) ?? volumeId) ?? [],
  );
  const isOwn = (id: string): boolean =>
    id === source?.volumeId || (ownDisk !== undefined && driveOf.get(id)?.disk?.path === ownDisk);
  const isLeftAlone = (drive: Drive | undefined): boolean =>
    drive !== undefined && !isOffered(drive);
  const isApart = (id: string): boolean =>
    holders.has(id) ? id !== source?.volumeId : !isOwn(id) && !isLeftAlone(driveOf.get(id));
  const btrfs = volumes
    .filter(({ canReceive, volumeId }) => canReceive && isApart(volumeId))
    .map(({ volumeId, name, freeBytes }): BackupPlace => {
      return { kind: 'btrfs', id: volumeId, name, freeBytes };
    });
  const others = drives
    .filter((drive) => isApart(drive.driveId) && isUsable(drive))
    // Mounted a moment ago, and only the volumes have been asked for since.
    .filter(({ driveId }) => !btrfs.some(({ id }) => id === driveId))
    .flatMap((drive) => placeOn(drive, source) ?? []);
  const rank = ({ kind, id }: BackupPlace): number =>
    ['btrfs', 'streams', 'closed'].indexOf(kind) - (holders.has(id) ? 3 : 0);
  const room = (place: BackupPlace): number =>
    place.freeBytes ?? (place.kind === 'closed' ? place.drive.sizeBytes : 0);
  return [...btrfs, ...others].sort((a, b) => rank(a) - rank(b) || room(b) - room(a));
}

function isUsable({ problem, disk, state, filesystem, luks }: Drive): boolean {
  if (problem !== null || disk?.readOnly || state === 'away' || state === 'blank') return false;
  return FILESYSTEMS.has(filesystem) || (state === 'locked' && luks !== null);
}

function placeOn(drive: Drive, source: Source | undefined): BackupPlace | undefined {
  const { driveId: id, name, freeBytes, filesystem, state } = drive;
  if (state !== 'mounted') return { kind: 'closed', id, name, freeBytes, filesystem, drive };
  // Mounted btrfs is a volume: told above, when it can be written to.
  if (filesystem === 'btrfs') return undefined;
  return { kind: 'streams', id, name, freeBytes, filesystem, folder: folderOn(id, source) };
}

/** Where the source's stream files are on this drive already. */
function folderOn(driveId: string, source: Source | undefined): string {
  const begin = `archive:${driveId}/`;
  const known = source?.places.find(({ volumeId }) => volumeId.startsWith(begin));
  return known ? known.volumeId.slice(begin.length) : STREAM_FOLDER;
}

/** Plugged in, and nothing can be put there: without a filesystem, or with one nobody here writes. */
export function unusableDrives(drives: readonly Drive[]): Drive[] {
  return drives.filter(
    (drive) =>
      isOffered(drive) &&
      drive.problem === null &&
      (drive.state === 'blank' ||
        (drive.state === 'unmounted' && !FILESYSTEMS.has(drive.filesystem))),
  );
}

/** 'SanDisk Ultra, 64 GB' without the size: what its maker calls the disk of a drive. */
export function makerOf({ disk, devicePath }: Drive): string {
  return [disk?.vendor, disk?.model].filter(Boolean).join(' ') || (devicePath ?? '');
}
