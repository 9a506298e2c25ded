import { decodeExtent } from '../../engine/sink/encoded-data.ts';
import { streamChecksum } from '../../engine/stream/crc.ts';
import { Attributes } from '../../engine/stream/decode-attributes.ts';
import { encodedWrite } from '../../engine/stream/decode-dispatch.ts';
import {
  COMMAND,
  COMMAND_HEADER_SIZE,
  MAX_COMMAND_BYTES,
  STREAM_HEADER_SIZE,
  STREAM_MAGIC,
} from '../../engine/stream/protocol.ts';

/** Encoded data came with it; its attributes are laid out so since. */
const VERSION = 2;
const MAGIC_BYTES = 6;

/**
 * Looks at a stream, piece by piece, before it is decoded: where its commands end, and whether they
 * are in order. It finds fault with nothing: what it does not vouch for, the decoder looks at itself.
 */
export class CommandCheck {
  readonly #attributes = new Attributes();
  /** Bytes still to come of a command that fits no piece; Infinity behind what is no command. */
  #inside = 0;

  /** How much of what was read makes a piece: to the end of a command, or all that there is room for. */
  pieceOf(bytes: Buffer, isFull: boolean): number {
    const end = this.#walk(bytes, (_from, to) => to <= bytes.length);
    return end === 0 && isFull ? bytes.length : Math.min(end, bytes.length);
  }

  /**
   * To be called for each piece. @returns the end of the commands from its start on that are known to
   * be good: checksums, and what is encoded decodes. @param isAwaited asked before each of them
   */
  check(piece: Buffer, isAwaited: () => boolean): number {
    const isWhole = this.#inside === 0;
    const isGood = (from: number, to: number): boolean =>
      !isAwaited() && to <= piece.length && this.#isGood(piece, from, to);
    const checked = isWhole ? this.#walk(piece, isGood) : 0;
    this.#inside = this.#walk(piece, () => true) - piece.length;
    return checked;
  }

  /** Goes on while `goesOn`, which gets a command that begins in `bytes`. @returns where it stops */
  #walk(bytes: Buffer, goesOn: (from: number, to: number) => boolean): number {
    let at = this.#inside;
    while (at < bytes.length) {
      const to = endOf(bytes, at);
      if (!goesOn(at, to)) break;
      at = to;
    }
    return at;
  }

  #isGood(bytes: Buffer, from: number, to: number): boolean {
    if (isHeader(bytes, from)) return true;
    const stored = bytes.readInt32LE(from + 6);
    bytes.writeInt32LE(0, from + 6);
    const found = streamChecksum(bytes, from, to) | 0;
    bytes.writeInt32LE(stored, from + 6);
    if (found !== stored) return false;
    return bytes.readUInt16LE(from + 4) !== COMMAND.encodedWrite || this.#decodes(bytes, from, to);
  }

  #decodes(bytes: Buffer, from: number, to: number): boolean {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    try {
      this.#attributes.parse(bytes, view, from + COMMAND_HEADER_SIZE, to, VERSION);
      decodeExtent(encodedWrite(this.#attributes, false));
      return true;
    } catch {
      return false;
    }
  }
}

/** Of a command or a stream's header; Infinity where neither is to be seen. */
function endOf(bytes: Buffer, at: number): number {
  if (bytes.length - at < COMMAND_HEADER_SIZE) return Infinity;
  if (isHeader(bytes, at)) return at + STREAM_HEADER_SIZE;
  const length = bytes.readUInt32LE(at);
  return length > MAX_COMMAND_BYTES ? Infinity : at + COMMAND_HEADER_SIZE + length;
}

/** A command's length never reads as the magic: it would be a gigabyte. */
function isHeader(bytes: Buffer, at: number): boolean {
  return bytes.compare(STREAM_MAGIC, 0, MAGIC_BYTES, at, at + MAGIC_BYTES) === 0;
}
