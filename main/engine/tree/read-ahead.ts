import { DendroError } from '../../../shared/errors.ts';
import type { DataOwner, Volume } from '../volume/index.ts';
import type { FileExtent } from './file-extent.ts';
import type { FileReader } from './file-reader.ts';
import type { FileChunk } from './read-file.ts';

const CHUNK_BYTES = 1024 * 1024;
/** Reads in flight: enough that the device never waits for us. */
const DEPTH = 4;
/** Shorter reads are over before the ones in flight have paid for themselves. */
const MIN_BYTES = 4 * CHUNK_BYTES;

/**
 * Yields whole chunks of a plain extent while the next one is being read. Stops, and says
 * where, when the rest is short, cannot be read like this, or is bad: then the careful way
 * of `FileReader.readExtent` goes on from there.
 * @returns the file offset up to which chunks were yielded.
 */
export function* readAhead(
  reader: FileReader,
  inode: number,
  extent: FileExtent,
  from: number,
  to: number,
  hasChecksums: boolean,
): Generator<FileChunk, number> {
  const isPlain = !extent.isInline && extent.compression === 0 && hasChecksums;
  const start = extent.diskLogical + extent.offset - extent.fileOffset;
  const { volume } = reader.subvolume;
  if (!isPlain || to - from < MIN_BYTES || (start + from) % volume.sectorSize !== 0) return from;
  if (!reader.isCurrent(extent)) return from;
  const { epoch } = volume;
  const memory = volume.allocate(DEPTH * CHUNK_BYTES);
  const pending: (() => void)[] = [];
  let begun = from;
  let at = from;
  const placeOf = (offset: number): number =>
    (((offset - from) / CHUNK_BYTES) % DEPTH) * CHUNK_BYTES;
  const beginMore = (): void => {
    while (pending.length < DEPTH && begun + CHUNK_BYTES <= to) {
      const finish = volume.startRead(start + begun, CHUNK_BYTES, memory, placeOf(begun));
      if (finish === undefined) return;
      pending.push(finish);
      begun += CHUNK_BYTES;
    }
  };
  try {
    for (beginMore(); pending.length > 0; beginMore()) {
      pending.shift()!();
      const place = placeOf(at);
      const owner = { tree: reader.subvolume.id, inode, offset: at, isPlain: true };
      if (volume.epoch !== epoch || !isGood(volume, start + at, memory, place, owner)) return at;
      const data = memory.subarray(place, place + CHUNK_BYTES);
      yield { offset: at, data, isVerified: true, isHole: false };
      at += CHUNK_BYTES;
    }
    return at;
  } finally {
    for (const finish of pending) settle(finish);
    volume.release(memory);
  }
}

function isGood(
  volume: Volume,
  logical: number,
  memory: Uint8Array,
  at: number,
  owner: DataOwner,
): boolean {
  try {
    return volume.verifyData(logical, CHUNK_BYTES, memory, at, owner) === 'verified';
  } catch (error) {
    if (error instanceof DendroError && error.kind !== 'Cancelled') return false;
    throw error;
  }
}

/** The device may still write to the memory: it is waited for, whatever it says. */
function settle(finish: () => void): void {
  try {
    finish();
  } catch (error) {
    if (!(error instanceof DendroError)) throw error;
  }
}
