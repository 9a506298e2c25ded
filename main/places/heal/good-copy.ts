import { sameBytes, type Stretch } from '../../engine/proof/same-bytes.ts';
import { readPastDamage } from '../../engine/rescue/read-past-damage.ts';
import { isDamage } from '../../engine/volume/index.ts';
import { readInode, type Inode, type Subvolume } from '../../engine/tree/index.ts';
import { isSameTime } from '../compare/node-aspects.ts';
import type { PlacedNode } from '../node.ts';
import type { FileLoss, LostPiece } from './damaged-files.ts';

/** A file as it is in another place, held against the one that is damaged. */
export class GoodCopy {
  readonly node: PlacedNode;
  readonly #subvolume: Subvolume;
  readonly #inode: Inode;
  readonly #loss: FileLoss;
  #isSameFile: boolean | undefined;

  constructor(node: PlacedNode, subvolume: Subvolume, inode: number, loss: FileLoss) {
    this.node = node;
    this.#subvolume = subvolume;
    this.#inode = readInode(subvolume, inode)!;
    this.#loss = loss;
  }

  /** The bytes of a piece that is lost, when it is certain that they are the ones. @throws Cancelled */
  bytesOf(piece: LostPiece): Buffer | undefined {
    if (this.node.type !== 'file' || piece.offset >= this.node.sizeBytes) return undefined;
    const bytes = this.#read(piece);
    if (bytes === undefined) return undefined;
    if (piece.checksum === undefined) return this.#isSame() ? bytes : undefined;
    const { volume } = this.#subvolume;
    // A checksum is of a whole sector; behind the end of a file that is zeros.
    const sector = Buffer.alloc(volume.sectorSize);
    sector.set(bytes);
    return volume.checksum.matches(sector, piece.checksum, 0) ? bytes : undefined;
  }

  #read({ offset, lengthBytes }: LostPiece): Buffer | undefined {
    const bytes = Buffer.alloc(lengthBytes);
    try {
      for (const { offset: at, data } of this.node.read(offset, lengthBytes)) {
        const from = Math.max(0, offset - at);
        const into = Math.max(0, at - offset);
        bytes.set(data.subarray(from, from + lengthBytes - into), into);
      }
      return bytes;
    } catch (error) {
      if (isDamage(error)) return undefined; // damaged there as well
      throw error;
    }
  }

  /** Size, time, and every byte of the damaged file that can still be read. */
  #isSame(): boolean {
    return (this.#isSameFile ??= this.#compare());
  }

  #compare(): boolean {
    const { mtime, size } = this.#inode;
    const modified = { seconds: Number(mtime.seconds), nanoseconds: mtime.nanoseconds };
    if (this.node.sizeBytes !== size || this.node.modified === undefined) return false;
    if (!isSameTime({ modified }, this.node)) return false;
    try {
      const ours = readPastDamage(this.#subvolume, this.#inode, () => {});
      return sameBytes(ours, outside(this.node.read(), this.#loss));
    } catch (error) {
      if (isDamage(error)) return false;
      throw error;
    }
  }
}

/** Data but for the ranges that are lost, which stand as zeros then. */
function* outside(stretches: Iterable<Stretch>, { ranges }: FileLoss): Generator<Stretch> {
  for (const { offset, data } of stretches) {
    let at = offset;
    const end = offset + data.length;
    for (const lost of ranges) {
      const [from, to] = [Math.max(at, lost.offset), Math.min(end, lost.offset + lost.lengthBytes)];
      if (from >= to) continue;
      if (from > at) yield { offset: at, data: data.subarray(at - offset, from - offset) };
      at = to;
    }
    if (at < end) yield { offset: at, data: data.subarray(at - offset) };
  }
}
