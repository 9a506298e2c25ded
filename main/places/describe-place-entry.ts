import { textFromBytes } from '../../shared/model/bytes-text.ts';
import type { EntryDetail } from '../../shared/model/entry.ts';
import type { VerbContext } from '../engine/context.ts';
import { decodeDevice } from '../engine/stream/device-number.ts';
import { describeEntry, flagsOf } from '../engine/verbs/describe-entry.ts';
import { entryOf, treeOf, type PlacePathInput } from './browse.ts';
import type { PlacedNode } from './node.ts';
import { requireNode } from './open-place.ts';

const MINORS = 2 ** 20;

/** All that a place keeps of one inode. @throws Conflict 'path-not-found' */
export async function describePlaceEntry(
  { place, path }: PlacePathInput,
  context: VerbContext,
): Promise<EntryDetail> {
  if (place.kind === 'snapshot') return describeEntry({ ...place, path }, context);
  return treeOf(place, context.cancel, ({ tree }) => {
    const node = requireNode(tree, path);
    return {
      ...entryOf('', node),
      name: path.slice(path.lastIndexOf('/') + 1),
      links: node.links,
      ...{ generation: null, transid: null, diskBytes: null },
      ...{ createdAtMs: timeAt(node, 3), changedAtMs: timeAt(node, 1) },
      device: deviceOf(node),
      flags: flagsOf(node.flags ?? 0),
      xattrs: [...node.xattrs()].map(([xattr, value]) => ({
        name: textFromBytes(Buffer.from(xattr, 'latin1')),
        sizeBytes: value.length,
      })),
    };
  });
}

/** Of its four times, 12 bytes each as in `btrfs_inode_item`; null when it is not kept. */
function timeAt({ times }: PlacedNode, index: number): number | null {
  if (times === undefined) return null;
  const view = new DataView(times.buffer, times.byteOffset, times.byteLength);
  const [seconds, nanoseconds] = [
    Number(view.getBigInt64(index * 12, true)),
    view.getUint32(index * 12 + 8, true),
  ];
  const ms = seconds * 1_000 + Math.floor(nanoseconds / 1_000_000);
  // Streams of version 1 leave the time of birth at nothing.
  return ms === 0 || !Number.isSafeInteger(ms) ? null : ms;
}

function deviceOf({ type, rdev }: PlacedNode): EntryDetail['device'] {
  if (type !== 'block' && type !== 'character') return null;
  const number = decodeDevice(rdev);
  return { major: Math.floor(number / MINORS), minor: number % MINORS };
}
