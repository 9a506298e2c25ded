import { readdirSync } from 'node:fs';
import { conflict } from '../../../shared/errors.ts';
import { isReadOnlySubvolume, subvolumeInfo } from '../../linux/btrfs-ioctl.ts';
import {
  closeFd,
  cString,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  openPath,
} from '../../linux/files.ts';
import { uuidText } from '../stream/dump-text.ts';
import { destroySubvolume, isSubvolume } from './staging-folder.ts';

/**
 * Deletes the snapshot of this UUID (its own) out of a target folder: only one that was received
 * there and is read-only. @throws Conflict 'snapshot-missing'
 */
export function removeReceived(target: Uint8Array, uuid: string): void {
  const folder = openPath(cString(target), O_RDONLY | O_DIRECTORY);
  try {
    const names = readdirSync(`/proc/self/fd/${folder}`, 'buffer');
    const name = names.find((one) => isSubvolume(folder, one) && isReceived(folder, one, uuid));
    if (name !== undefined) return destroySubvolume(folder, name);
  } finally {
    closeFd(folder);
  }
  throw conflict('snapshot-missing', 'The folder holds no received snapshot of this UUID.', {
    hint: 'List what it holds again.',
  });
}

function isReceived(folder: number, name: Buffer, uuid: string): boolean {
  const fd = openPath(cString(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, folder);
  try {
    const info = subvolumeInfo(fd);
    const wasReceived = info.receivedUuid.some((byte) => byte !== 0);
    return wasReceived && uuidText(info.uuid) === uuid && isReadOnlySubvolume(fd);
  } finally {
    closeFd(fd);
  }
}
