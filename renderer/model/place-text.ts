import { filesystemName } from '../format/filesystem.ts';
import { formatSize } from '../format/size.ts';
import { t } from '../text/index.ts';
import type { BackupPlace } from './backup-places.ts';

/** 'STICK (exFAT, 60 GB free: as stream files)': a place as one of several to choose from. */
export function placeText(place: BackupPlace): string {
  const { name, freeBytes } = place;
  const free = freeBytes === null ? '' : formatSize(freeBytes);
  switch (place.kind) {
    case 'btrfs':
      return freeBytes === null ? name : t('backup.targetOption', { name, free });
    case 'streams':
      return t('backup.streamsOption', {
        name,
        free,
        filesystem: filesystemName(place.filesystem),
      });
    case 'closed': {
      const { filesystem, drive } = place;
      const size = formatSize(drive.sizeBytes);
      return drive.state === 'locked'
        ? t('backup.lockedOption', { name, size })
        : t('backup.unmountedOption', { name, size, filesystem: filesystemName(filesystem) });
    }
  }
}
