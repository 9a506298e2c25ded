import { unsupported, type ErrorPlace } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';

const HIGH = 0x1_0000_0000;
/** The high half of 2^53. */
const LIMIT = 0x20_0000;

/**
 * The size in an inode item. A file may have up to 2^63 - 1 bytes, nearly all of them hole; here
 * sizes are numbers, exact below 2^53 (8 PiB). Negative, and damage: 2^63 and more.
 * @throws Unsupported `size-too-large` between those.
 */
export function readInodeSize(view: DataView, at: number, place: () => ErrorPlace): number {
  const high = view.getInt32(at + 4, true);
  if (high >= LIMIT) throw tooLarge(view.getBigUint64(at, true), place());
  return high * HIGH + view.getUint32(at, true);
}

function tooLarge(size: bigint, place: ErrorPlace): Error {
  const text = say`Inode ${{ inode: place.inode ?? 0 }} is a file of ${{ size }} bytes; Dendro reads files below 8 PiB.`;
  return unsupported('size-too-large', text, {
    hint: 'Everything else can be read; leave it out of what is sent with --exclude.',
    place,
  });
}
