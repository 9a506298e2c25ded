const MAGIC = 0xfd2fb528;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;

/**
 * Length of the one zstd frame at the start of `data` (RFC 8878, 3.1.1); btrfs fills the sector
 * behind it with zeros, which a decoder would take for a further frame. -1 when it is none.
 */
export function zstdFrameLength(data: Uint8Array): number {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  if (data.length < 6 || view.getUint32(0, true) !== MAGIC) return -1;
  const descriptor = data[4]!;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const hasChecksum = (descriptor & 0x04) !== 0;
  const sizeFlag = descriptor >>> 6;
  const contentBytes = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag;
  let at = 5 + (isSingleSegment ? 0 : 1) + DICTIONARY_BYTES[(descriptor & 3) as 0]! + contentBytes;
  for (;;) {
    if (at + 3 > data.length) return -1;
    const header = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16);
    const type = (header >>> 1) & 3;
    at += 3 + (type === 1 ? 1 : header >>> 3);
    if ((header & 1) !== 0) break;
  }
  at += hasChecksum ? 4 : 0;
  return at <= data.length ? at : -1;
}
