import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import { uuidText } from '../../engine/verbs/uuid-text.ts';
import { subvolumeInfo } from '../../linux/btrfs-ioctl.ts';
import { allRootFacts } from '../../linux/btrfs-ioctl-search.ts';
import { withDirectory } from '../../linux/mounts.ts';
import { hex } from '../index/indexing-sink.ts';
import type { Identity } from '../format/manifest.ts';

/** A test for what a stream may build on: read-only snapshots of the volume, unchanged. */
export function whatIsThere(folder: string): (identity: Identity) => boolean {
  const known = new Set<string>();
  withDirectory(bytesFromText(folder), (fd) => {
    for (const { uuid, receivedUuid, ctransid, stransid, readOnly } of allRootFacts(fd)) {
      if (!readOnly) continue;
      known.add(keyOf({ uuid: hex(receivedUuid), ctransid: stransid }));
      known.add(keyOf({ uuid: hex(uuid), ctransid }));
    }
  });
  return (identity) => known.has(keyOf(identity));
}

/** The uuid that the subvolume at this path has itself. */
export function ownUuid(path: string): string | null {
  return withDirectory(bytesFromText(path), (fd) => uuidText(subvolumeInfo(fd).uuid));
}

function keyOf({ uuid, ctransid }: Identity): string {
  return `${uuid} ${ctransid}`;
}
