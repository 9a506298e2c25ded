/** `walk-worker.ts DEVICE SUBVOLUME`: goes over every item of a snapshot; no command does just that. */
import { HEADER, ITEM } from '../../main/engine/format/layouts.ts';
import { openSubvolume, type Subvolume } from '../../main/engine/tree/index.ts';
import { openVolume } from '../../main/engine/volume/index.ts';

const [device, path] = process.argv.slice(2) as [string, string];
const volume = openVolume([device]);
console.log(walk(openSubvolume(volume, Buffer.from(path))));
volume.close();

/** Looks at each item's type, so that each leaf is really gone over. */
function walk(subvolume: Subvolume): number {
  let items = 0;
  const types = new Float64Array(256);
  const cursor = subvolume.cursor();
  for (cursor.seek(0, 0, 0); cursor.valid; cursor.nextLeaf()) {
    const { bytes, itemCount } = cursor.node;
    for (let slot = 0, at = HEADER.size + 8; slot < itemCount; slot += 1, at += ITEM.size) {
      types[bytes[at]!]! += 1;
    }
    items += itemCount;
  }
  return items;
}
