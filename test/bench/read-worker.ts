/** `read-worker.ts walk|find|read DEVICE SUBVOLUME [GLOB|PATH]`: one measured run. */
import { compileGlob, findNames } from '../../main/engine/inspect/index.ts';
import { HEADER, ITEM } from '../../main/engine/format/layouts.ts';
import { lookup, openSubvolume, readFile } from '../../main/engine/tree/index.ts';
import { openVolume } from '../../main/engine/volume/index.ts';

const [verb, device, path, what] = process.argv.slice(2) as [string, string, string, string];
const volume = openVolume([device]);
const subvolume = openSubvolume(volume, Buffer.from(path));
if (verb === 'walk') console.log(walk());
else if (verb === 'find') {
  for (const found of findNames(subvolume, compileGlob(Buffer.from(what)))) {
    process.stdout.write(Buffer.concat([found.path, Buffer.from('\n')]));
  }
} else {
  const { inode } = lookup(subvolume, Buffer.from(what));
  let bytes = 0;
  for (const { data, isVerified } of readFile(subvolume, inode))
    if (isVerified) bytes += data.length;
  console.log(bytes);
}
volume.close();

/** Looks at each item's type, so that each leaf is really gone over. */
function walk(): number {
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
