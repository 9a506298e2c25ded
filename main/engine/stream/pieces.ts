import type { Spans } from '../diff/spans.ts';
import { COMPRESSION } from '../format/constants.ts';

/** Where an extent's bytes stand, and which part of the file they are. See `Spans`. */
export type ExtentSpan = Pick<
  Spans,
  'start' | 'itemStart' | 'diskLogical' | 'diskLength' | 'offset' | 'ramBytes' | 'compression'
>;

/** A part `[start, end)` of a file that one extent holds. */
export interface Piece extends ExtentSpan {
  readonly end: number;
  /** What must be read for it, in whole sectors: a logical address and bytes. */
  readonly readFrom: number;
  readonly readLength: number;
}

/** Bytes on disk, and pieces, that wait for each other at most. */
const MAX_BYTES = 2 * 1024 * 1024;
const MAX_PIECES = 1024;

/**
 * Pieces of one file that follow each other in the stream: put off until there are enough of them
 * to be read in the order in which they lie on the device.
 */
export class Pieces {
  readonly #sectorSize: number;
  #waiting: Piece[] = [];
  #bytes = 0;

  constructor(sectorSize: number) {
    this.#sectorSize = sectorSize;
  }

  get isFull(): boolean {
    return this.#bytes >= MAX_BYTES || this.#waiting.length >= MAX_PIECES;
  }

  /** The part `[start, end)` of the span, whose fields are copied. */
  add(span: ExtentSpan, start: number, end: number): void {
    const { itemStart, diskLogical, diskLength, offset, ramBytes, compression } = span;
    let readFrom = diskLogical;
    let readLength = diskLength;
    if (compression === COMPRESSION.none) {
      const sector = this.#sectorSize;
      const from = diskLogical + offset + start - itemStart;
      readFrom = from - (from % sector);
      readLength = Math.ceil((from + end - start - readFrom) / sector) * sector;
    }
    this.#bytes += readLength;
    this.#waiting.push({
      start,
      end,
      itemStart,
      diskLogical,
      diskLength,
      offset,
      ramBytes,
      compression,
      readFrom,
      readLength,
    });
  }

  /** What waits, in order; nothing waits afterwards. */
  take(): readonly Piece[] {
    const taken = this.#waiting;
    if (taken.length > 0) {
      this.#waiting = [];
      this.#bytes = 0;
    }
    return taken;
  }
}
