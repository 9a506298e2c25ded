import { corrupt } from '../../../shared/errors.ts';

/**
 * The seek table of a seekable zstd file (zstd, contrib/seekable_format, version 0.1.0): a
 * skippable frame at the end, which every zstd passes over.
 * ```
 * magic u32 0x184D2A5E | length u32 | entries | frames u32 | descriptor u8 | magic u32 0x8F92EAB1
 * entry      compressed length u32 | decompressed length u32 | checksum u32 if descriptor bit 7
 * ```
 */
const SKIPPABLE_MAGIC = 0x184d2a5e;
const SEEKABLE_MAGIC = 0x8f92eab1;
const HEADER_BYTES = 8;
export const SEEK_FOOTER_BYTES = 9;
const ENTRY_BYTES = 8;
const CHECKSUM_BYTES = 4;
/** ZSTD_SEEKABLE_MAXFRAMES of the format's description. */
const MAX_FRAMES = 0x800_0000;

/** Where each frame stands in the file and in the plain stream; both grow without gaps. */
export class FrameTable {
  /** `at[i]` is where frame i begins in the file, `at[count]` where the last one ends. */
  readonly at: number[] = [0];
  readonly plainAt: number[] = [0];

  get count(): number {
    return this.at.length - 1;
  }

  /** Bytes of all frames in the file, without the table. */
  get length(): number {
    return this.at[this.count]!;
  }

  get plainLength(): number {
    return this.plainAt[this.count]!;
  }

  add(length: number, plainLength: number): void {
    const [end, plainEnd] = [this.length + length, this.plainLength + plainLength];
    this.at.push(end);
    this.plainAt.push(plainEnd);
  }

  /** The frame that holds the plain byte; `plain` is below `plainLength`. */
  find(plain: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.plainAt[middle]! <= plain) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

export function encodeSeekTable(table: FrameTable): Buffer {
  const length = table.count * ENTRY_BYTES + SEEK_FOOTER_BYTES;
  const out = Buffer.alloc(HEADER_BYTES + length);
  out.writeUInt32LE(SKIPPABLE_MAGIC, 0);
  out.writeUInt32LE(length, 4);
  for (let i = 0; i < table.count; i += 1) {
    out.writeUInt32LE(table.at[i + 1]! - table.at[i]!, HEADER_BYTES + i * ENTRY_BYTES);
    out.writeUInt32LE(
      table.plainAt[i + 1]! - table.plainAt[i]!,
      HEADER_BYTES + i * ENTRY_BYTES + 4,
    );
  }
  const footer = HEADER_BYTES + table.count * ENTRY_BYTES;
  out.writeUInt32LE(table.count, footer);
  out.writeUInt32LE(SEEKABLE_MAGIC, footer + 5);
  return out;
}

/** Bytes of the whole table, from its last nine; undefined when they end no table. */
export function seekTableLength(footer: Buffer): number | undefined {
  if (footer.length !== SEEK_FOOTER_BYTES || footer.readUInt32LE(5) !== SEEKABLE_MAGIC) {
    return undefined;
  }
  const frames = footer.readUInt32LE(0);
  if (frames > MAX_FRAMES) return undefined;
  return HEADER_BYTES + frames * entryBytes(footer[4]!) + SEEK_FOOTER_BYTES;
}

/** @param fileLength of the whole file: frames and table fill it. @throws Corrupt 'seek-table' */
export function parseSeekTable(bytes: Buffer, fileLength: number): FrameTable {
  const table = new FrameTable();
  const footer = bytes.length - SEEK_FOOTER_BYTES;
  const isTable = bytes.length >= HEADER_BYTES + SEEK_FOOTER_BYTES;
  if (!isTable || bytes.readUInt32LE(0) !== SKIPPABLE_MAGIC) throw damaged();
  if (bytes.readUInt32LE(4) !== bytes.length - HEADER_BYTES) throw damaged();
  const step = entryBytes(bytes[footer + 4]!);
  for (let at = HEADER_BYTES; at < footer; at += step) {
    table.add(bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4));
  }
  if (table.length + bytes.length !== fileLength) throw damaged();
  return table;
}

function entryBytes(descriptor: number): number {
  return (descriptor & 0x80) === 0 ? ENTRY_BYTES : ENTRY_BYTES + CHECKSUM_BYTES;
}

function damaged(): Error {
  return corrupt('seek-table', 'The table of frames at the end of a stream file is damaged.', {
    hint: 'The frames themselves may be whole: dendro archive rebuild-index makes it again.',
  });
}
