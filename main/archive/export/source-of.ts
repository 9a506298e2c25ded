import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import {
  listSubvolumes,
  openSubvolume,
  type Subvolume,
  type SubvolumeInfo,
} from '../../engine/tree/index.ts';
import { isSame } from '../folder/archive.ts';
import type { SourceRecord } from '../format/manifest.ts';
import { hex } from '../index/indexing-sink.ts';
import { identityOf } from './choose-parent.ts';
import { sourceFor, type WritableArchive } from './prepare.ts';

/** The source of the archive that this snapshot belongs to; a new one is made. */
export function sourceOf(
  archive: WritableArchive,
  { info, volume }: Subvolume,
  title?: string,
): SourceRecord {
  const isSnapshot = info.parentUuid.some((byte) => byte !== 0);
  const uuid = hex(isSnapshot ? info.parentUuid : info.uuid);
  const known = archive.manifest.sources.find(
    (one) => one.uuid === null && isOfLine(one, volume, info),
  );
  if (known !== undefined) known.uuid = uuid;
  if (title !== undefined) return sourceFor(archive, uuid, bytesFromText(title));
  const from = isSnapshot ? pathOf(volume, info.parentUuid) : info.path;
  return sourceFor(archive, uuid, from ?? lastName(info.path));
}

/** A source that lost its uuid with the manifest: it holds a snapshot of the same subvolume. */
function isOfLine(
  { points }: SourceRecord,
  volume: Subvolume['volume'],
  info: SubvolumeInfo,
): boolean {
  return listSubvolumes(volume).some(
    (other) =>
      Buffer.compare(other.parentUuid, info.parentUuid) === 0 &&
      points.some(
        (point) =>
          point.ctransid === other.ctransid &&
          isSame(point, identityOf(openSubvolume(volume, other.id), point.excludes)),
      ),
  );
}

/** Where the subvolume is that the snapshot was taken from; undefined when it is gone. */
function pathOf(volume: Subvolume['volume'], uuid: Uint8Array): Uint8Array | undefined {
  const found = listSubvolumes(volume).find((one) => Buffer.compare(one.uuid, uuid) === 0);
  return found?.path;
}

/** Of a path inside of a volume. */
export function lastName(path: Uint8Array): Uint8Array {
  return path.subarray(path.lastIndexOf(0x2f) + 1);
}
