import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import { numberedName } from '../../engine/sink/folder-names.ts';
import type { SourceRecord } from '../format/manifest.ts';
import { streamName } from '../format/stream-name.ts';
import { lastName } from './source-of.ts';

const MAX_NAME_BYTES = 255;

/**
 * What a snapshot is called in the archive: as it is on its volume, unless a point of the source
 * has that name already. Some tools give every snapshot the same one, in a folder with its number
 * or date: that is put behind it then. Two of one name could not be received side by side.
 * @param path of the snapshot in its volume.
 */
export function pointName(path: Uint8Array, { points }: SourceRecord): Uint8Array {
  const taken = new Set(points.map(({ name }) => streamName(name)));
  const isFree = (name: Uint8Array): boolean =>
    name.length <= MAX_NAME_BYTES && !taken.has(textFromBytes(name));
  const own = lastName(path);
  if (isFree(own)) return own;
  const folder = lastName(path.subarray(0, Math.max(0, path.length - own.length - 1)));
  const inFolder = Buffer.concat([own, Buffer.from('.'), folder]);
  if (folder.length > 0 && isFree(inFolder)) return inFolder;
  for (let number = 2; ; number += 1) {
    const name = numberedName(Buffer.from(own), number);
    if (isFree(name)) return name;
  }
}
