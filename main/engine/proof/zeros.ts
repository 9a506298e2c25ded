const ZEROS = Buffer.alloc(1 << 16);

/** Whether the first `count` bytes are zeros. */
export function isZeros(data: Uint8Array, count: number): boolean {
  for (let at = 0; at < count; at += ZEROS.length) {
    const piece = data.subarray(at, Math.min(count, at + ZEROS.length));
    if (Buffer.compare(piece, ZEROS.subarray(0, piece.length)) !== 0) return false;
  }
  return true;
}
