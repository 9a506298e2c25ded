import { existsSync } from 'node:fs';
import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import {
  isReadOnlySubvolume,
  SUBVOLUME_TOP_INODE,
  subvolumeInfo,
} from '../../linux/btrfs-ioctl.ts';
import { allRootFacts } from '../../linux/btrfs-ioctl-search.ts';
import { statFd } from '../../linux/files.ts';
import { withDirectory } from '../../linux/mounts.ts';
import { hex } from '../index/indexing-sink.ts';
import { exactly, type Identity } from '../format/manifest.ts';

/** A test for what a stream may build on: read-only snapshots of the volume, unchanged. */
export function whatIsThere(folder: string): (identity: Identity) => boolean {
  const known = new Set<string>();
  withDirectory(bytesFromText(folder), (fd) => {
    for (const { uuid, receivedUuid, ctransid, stransid, readOnly } of allRootFacts(fd)) {
      if (!readOnly) continue;
      known.add(exactly({ uuid: hex(receivedUuid), ctransid: stransid }));
      known.add(exactly({ uuid: hex(uuid), ctransid }));
    }
  });
  return (identity) => known.has(exactly(identity));
}

/** Whether that point stands at this path, whole: received to its end, and read-only. */
export function isReceivedAt(path: string, { uuid, ctransid }: Identity): boolean {
  if (!existsSync(Buffer.from(bytesFromText(path)))) return false;
  return withDirectory(bytesFromText(path), (fd) => {
    if (statFd(fd).inode !== SUBVOLUME_TOP_INODE || !isReadOnlySubvolume(fd)) return false;
    const { receivedUuid, stransid } = subvolumeInfo(fd);
    return hex(receivedUuid) === uuid && stransid === ctransid;
  });
}
