import { DendroError, noteOfError } from '../../../shared/errors.ts';
import {
  FileReader,
  fileExtents,
  fileExtentsPastDamage,
  type FileExtent,
  type Inode,
  type Subvolume,
} from '../tree/index.ts';
import { reasonOf } from './salvage.ts';
import { noted, say, type Note } from '../../../shared/said.ts';

/** What must be known of a file before its data can be read. */
export type FileShape = Pick<Inode, 'number' | 'size' | 'hasChecksums'>;
export interface Piece {
  readonly offset: number;
  /** Borrowed until the next piece. */
  readonly data: Uint8Array;
  readonly isVerified: boolean;
}

const PIECE_BYTES = 1024 * 1024;

/**
 * A file whose inode item is lost, as long as its extents are: whole sectors, so there may be a few
 * zeros behind its end. Undefined: it has none, or its map is damaged, too.
 */
export function shapeWithoutInode(subvolume: Subvolume, number: number): FileShape | undefined {
  let size = 0;
  const damage = attempt(() => {
    for (const extent of fileExtents(subvolume, number)) size = extent.end;
  });
  if (damage instanceof DendroError || size === 0) return undefined;
  return { number, size, hasChecksums: true };
}

/**
 * The data of a file without its holes; what cannot be read is left out, told to `onLost`
 * as ranges of whole sectors (of whole extents when compressed).
 */
export function* readPastDamage(
  subvolume: Subvolume,
  inode: FileShape,
  onLost: (offset: number, lengthBytes: number, reason: Note) => void,
): Generator<Piece> {
  const { volume } = subvolume;
  const reader = new FileReader(subvolume);
  const buffer = volume.allocate(PIECE_BYTES);
  const end = inode.size;
  const lost = new LostRange(onLost);
  try {
    const mapLost = (from: number, to: number, error: unknown): void => {
      if (from < end) onLost(from, Math.min(to, end) - from, mapDamaged(error));
    };
    for (const extent of fileExtentsPastDamage(subvolume, inode.number, mapLost)) {
      if (extent.fileOffset >= end) break;
      if (extent.isZeros) continue;
      const length = Math.min(extent.length, end - extent.fileOffset);
      for (let from = 0; from < length; from += PIECE_BYTES) {
        const size = Math.min(PIECE_BYTES, length - from);
        yield* readPiece(reader, inode, extent, from, size, buffer, lost);
      }
    }
  } catch (error) {
    onLost(0, end, mapDamaged(error));
  } finally {
    lost.flush();
    reader.close();
    volume.release(buffer);
  }
}

function mapDamaged(error: unknown): Note {
  return noted('map-damaged', say`Its map is damaged: ${{ reason: reasonOf(error) }}`);
}

function* readPiece(
  reader: FileReader,
  inode: FileShape,
  extent: FileExtent,
  from: number,
  size: number,
  buffer: Uint8Array,
  lost: LostRange,
): Generator<Piece> {
  const { number, hasChecksums } = inode;
  const step = extent.compression === 0 ? reader.subvolume.volume.sectorSize : size;
  const whole = attempt(() =>
    reader.readExtent(number, extent, from, size, buffer, 0, hasChecksums),
  );
  if (!(whole instanceof DendroError)) {
    const data = buffer.subarray(0, size);
    yield { offset: extent.fileOffset + from, data, isVerified: whole === 'verified' };
    return;
  }
  for (let done = 0; done < size; done += step) {
    const part = Math.min(step, size - done);
    const offset = extent.fileOffset + from + done;
    const read = attempt(() =>
      reader.readExtent(number, extent, from + done, part, buffer, 0, hasChecksums),
    );
    if (read instanceof DendroError) lost.add(offset, part, noteOfError(read));
    else yield { offset, data: buffer.subarray(0, part), isVerified: read === 'verified' };
  }
}

function attempt<T>(work: () => T): T | DendroError {
  try {
    return work();
  } catch (error) {
    reasonOf(error);
    return error as DendroError;
  }
}

/** Puts ranges that touch together. */
class LostRange {
  readonly #tell: (offset: number, lengthBytes: number, reason: Note) => void;
  #offset = 0;
  #length = 0;
  #reason: Note | undefined;

  constructor(tell: (offset: number, lengthBytes: number, reason: Note) => void) {
    this.#tell = tell;
  }

  add(offset: number, length: number, reason: Note): void {
    if (this.#length > 0 && offset === this.#offset + this.#length) {
      this.#length += length;
      return;
    }
    this.flush();
    [this.#offset, this.#length, this.#reason] = [offset, length, reason];
  }

  flush(): void {
    if (this.#reason !== undefined && this.#length > 0)
      this.#tell(this.#offset, this.#length, this.#reason);
    this.#length = 0;
  }
}
