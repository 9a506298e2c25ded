import { conflict, DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { COMPRESSION, KEY } from '../format/constants.ts';
import {
  decompress,
  MAX_COMPRESSED_EXTENT,
  sameRoot,
  type DataCheck,
  type DataOwner,
  type Volume,
} from '../volume/index.ts';
import { FileExtent, isExtentOf, parseFileExtent, seekExtent } from './file-extent.ts';
import { readInode } from './inode.ts';
import type { Subvolume } from './subvolume.ts';

const MAX_TRIES = 12;
const SCRATCH_BYTES = 1024 * 1024;
/** Up to here ragged ends are read together with what lies between them, and copied. */
const SMALL_BYTES = 64 * 1024;

/**
 * Reads what extents hold: found through the checksums, healed, decompressed; on a volume
 * that is written to, never from a place that no longer is the extent's.
 */
export class FileReader {
  readonly subvolume: Subvolume;
  readonly #volume: Volume;
  readonly #scratch: Uint8Array;
  /** The compressed extent that was decompressed last, as pieces of it are often read in turn. */
  #plain = new Uint8Array(0);
  #plainLogical = -1;
  #plainLength = 0;
  #plainEpoch = -1;
  #plainCheck: DataCheck = 'verified';
  readonly #again = new FileExtent();
  #inode = -1;
  #hasChecksums = true;

  constructor(subvolume: Subvolume) {
    this.subvolume = subvolume;
    this.#volume = subvolume.volume;
    this.#scratch = this.#volume.allocate(SCRATCH_BYTES);
  }

  /** Gives its memory back. */
  close(): void {
    this.#volume.release(this.#scratch);
  }

  /**
   * Fills `target` with `length` bytes of the file from `from` bytes into the extent.
   * @param hasChecksums as the inode's flags say; looked up when left out.
   * @throws Corrupt `data-damaged` with inode and offset, Io, Conflict, Cancelled.
   */
  readExtent(
    inode: number,
    extent: FileExtent,
    from: number,
    length: number,
    target: Uint8Array,
    targetOffset: number,
    hasChecksums = this.#checksumsOf(inode),
  ): DataCheck {
    if (extent.isZeros) {
      target.fill(0, targetOffset, targetOffset + length);
      return 'verified';
    }
    const position = extent.fileOffset + from;
    let result: DataCheck = 'verified';
    for (let done = 0; done < length;) {
      const current = done === 0 ? extent : this.#lookup(inode, position + done);
      const start = position + done - current.fileOffset;
      const count = Math.min(length - done, current.length - start);
      const at = targetOffset + done;
      const read = this.#readLive(inode, current, start, count, target, at, hasChecksums);
      if (read.check === 'unverified') result = 'unverified';
      done += read.count;
    }
    return result;
  }

  #ownerOf(inode: number, offset: number, isPlain = true): DataOwner {
    return { tree: this.subvolume.id, inode, offset, isPlain };
  }

  #checksumsOf(inode: number): boolean {
    if (this.#inode !== inode) {
      this.#hasChecksums = readInode(this.subvolume, inode)?.hasChecksums ?? true;
      this.#inode = inode;
    }
    return this.#hasChecksums;
  }

  /** One extent, tried again from the newer generation while the volume moves on. */
  #readLive(
    inode: number,
    extent: FileExtent,
    from: number,
    length: number,
    target: Uint8Array,
    at: number,
    hasChecksums: boolean,
  ): { count: number; check: DataCheck } {
    const position = extent.fileOffset + from;
    let current = extent;
    for (let tries = 0; ; tries += 1) {
      const epoch = this.#volume.epoch;
      try {
        if (!this.isCurrent(current)) current = this.#lookup(inode, position);
        const start = position - current.fileOffset;
        const count = Math.min(length, current.length - start);
        const check = this.#read(inode, current, start, count, target, at, hasChecksums);
        if (check === 'verified' || this.#stillThere(inode, current)) return { count, check };
        if (tries >= MAX_TRIES) throw movedAway(inode, position);
      } catch (error) {
        if (!this.#volume.recover(error, epoch, tries))
          throw placed(error, this.subvolume, inode, position);
      }
    }
  }

  /** Whether the tree that the extent was found in is the tree of this epoch. */
  isCurrent(extent: FileExtent): boolean {
    if (extent.isInline) return true;
    const now = this.#volume.root(this.subvolume.id);
    return now !== undefined && extent.root !== undefined && sameRoot(extent.root, now);
  }

  #lookup(inode: number, position: number): FileExtent {
    const cursor = this.subvolume.cursor().within(inode, KEY.extentData);
    const found = this.#again;
    if (seekExtent(cursor, inode, position) && isExtentOf(cursor, inode)) {
      parseFileExtent(cursor, found, this.#volume.sectorSize);
      if (found.fileOffset <= position && position < found.end) return found;
    }
    throw movedAway(inode, position);
  }

  /**
   * Data without checksums is read as under a sequence lock: when nothing was committed
   * since, or the extent still stands in the newest generation, it was there throughout.
   */
  #stillThere(inode: number, extent: FileExtent): boolean {
    if (extent.isInline || this.#volume.isCurrent()) return true;
    const { diskLogical, diskLength, fileOffset, generation } = extent;
    this.#volume.refresh();
    const now = this.#lookup(inode, fileOffset);
    return (
      now.diskLogical === diskLogical &&
      now.diskLength === diskLength &&
      now.generation === generation
    );
  }

  #read(
    inode: number,
    extent: FileExtent,
    from: number,
    length: number,
    target: Uint8Array,
    at: number,
    hasChecksums: boolean,
  ): DataCheck {
    if (extent.isInline) return this.#readInline(extent, from, length, target, at);
    if (extent.isZeros) {
      target.fill(0, at, at + length);
      return 'verified';
    }
    if (extent.compression !== COMPRESSION.none) {
      const check = this.#loadPlain(inode, extent, hasChecksums);
      const start = extent.offset + from;
      target.set(this.#plain.subarray(start, start + length), at);
      return check;
    }
    return this.#readPlain(inode, extent, from, length, target, at, hasChecksums);
  }

  #readInline(
    extent: FileExtent,
    from: number,
    length: number,
    target: Uint8Array,
    at: number,
  ): DataCheck {
    const stored = extent.node!.bytes.subarray(
      extent.inlineStart,
      extent.inlineStart + extent.inlineLength,
    );
    if (extent.compression === COMPRESSION.none) {
      target.set(stored.subarray(from, from + length), at);
    } else {
      this.#plainLogical = -1;
      const plain = this.#plainMemory().subarray(0, extent.ramBytes);
      decompress(extent.compression, stored, plain, this.#volume.sectorSize);
      target.set(plain.subarray(from, from + length), at);
    }
    return 'verified'; // tree blocks are
  }

  /** Made when it is first needed: most files are not compressed. */
  #plainMemory(): Uint8Array {
    if (this.#plain.length === 0) this.#plain = new Uint8Array(MAX_COMPRESSED_EXTENT);
    return this.#plain;
  }

  #loadPlain(inode: number, extent: FileExtent, hasChecksums: boolean): DataCheck {
    const { diskLogical, diskLength, ramBytes } = extent;
    const isLoaded =
      this.#plainLogical === diskLogical &&
      this.#plainEpoch === this.#volume.epoch &&
      this.#plainLength === ramBytes;
    if (isLoaded) return this.#plainCheck;
    this.#plainLogical = -1;
    const owner = this.#ownerOf(inode, extent.fileOffset, false);
    const memory = this.#scratch;
    const check = this.#volume.readData(diskLogical, diskLength, memory, 0, hasChecksums, owner);
    decompress(
      extent.compression,
      memory.subarray(0, diskLength),
      this.#plainMemory().subarray(0, ramBytes),
      this.#volume.sectorSize,
    );
    this.#plainLogical = diskLogical;
    this.#plainLength = ramBytes;
    this.#plainEpoch = this.#volume.epoch;
    this.#plainCheck = check;
    return check;
  }

  /** Whole sectors straight into the target, ragged ends through the scratch memory. */
  #readPlain(
    inode: number,
    extent: FileExtent,
    from: number,
    length: number,
    target: Uint8Array,
    at: number,
    hasChecksums: boolean,
  ): DataCheck {
    const { sectorSize } = this.#volume;
    const start = extent.diskLogical + extent.offset + from;
    const skip = start % sectorSize;
    const whole = Math.ceil((skip + length) / sectorSize) * sectorSize;
    if (whole !== length && whole <= SMALL_BYTES) {
      const owner = this.#ownerOf(inode, extent.fileOffset + from - skip);
      const memory = this.#scratch;
      const check = this.#volume.readData(start - skip, whole, memory, 0, hasChecksums, owner);
      target.set(memory.subarray(skip, skip + length), at);
      return check;
    }
    let check: DataCheck = 'verified';
    for (let done = 0; done < length;) {
      const isRagged = (done === 0 && skip !== 0) || length - done < sectorSize;
      if (isRagged) {
        const within = done === 0 ? skip : 0;
        const count = Math.min(length - done, sectorSize - within);
        const sector = start + done - within;
        const owner = this.#ownerOf(inode, extent.fileOffset + from + done - within);
        check = this.#volume.readData(sector, sectorSize, this.#scratch, 0, hasChecksums, owner);
        target.set(this.#scratch.subarray(within, within + count), at + done);
        done += count;
      } else {
        const count = Math.floor((length - done) / sectorSize) * sectorSize;
        const owner = this.#ownerOf(inode, extent.fileOffset + from + done);
        const [begin, to] = [start + done, at + done];
        check = this.#volume.readData(begin, count, target, to, hasChecksums, owner);
        done += count;
      }
    }
    return check;
  }
}

function movedAway(inode: number, position: number): DendroError {
  return conflict(
    'file-changed',
    say`Inode ${{ inode }} changed while it was read at ${{ position }}.`,
    {
      hint: 'Read from a read-only snapshot.',
      place: { offset: position },
    },
  );
}

/** Says whose data it was. */
function placed(error: unknown, subvolume: Subvolume, inode: number, position: number): unknown {
  if (!(error instanceof DendroError) || error.kind === 'Cancelled' || error.kind === 'Bug')
    return error;
  return new DendroError(error.kind, error.code, error.message, {
    hint: error.hint,
    place: { ...error.place, tree: subvolume.id, inode, offset: position },
    values: error.values,
    cause: error,
  });
}
