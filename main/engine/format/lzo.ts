/**
 * LZO1X, as the kernel's Documentation/staging/lzo.rst writes the format down. Each
 * instruction copies from what was written before (a match) and ends with 0 to 3 literal
 * bytes; `state` is that number, or 4 after a long run of literals.
 *
 * | first byte | meaning                                                        |
 * |------------|----------------------------------------------------------------|
 * | 0000LLLL   | state 0: literals; states 1 to 3: match of 2; state 4: of 3    |
 * | 0001HLLL   | match 16 KiB to 48 KiB back; a distance of 16,384 ends it      |
 * | 001LLLLL   | match up to 16 KiB back                                        |
 * | 01LDDDSS   | match of 3 or 4 up to 2 KiB back                               |
 * | 1LLDDDSS   | match of 5 to 8 up to 2 KiB back                               |
 *
 * @returns the bytes written to `target` from `targetStart`, or -1: the input is damaged or
 *   would write past `targetEnd`.
 */
export function decompressLzo1x(
  source: Uint8Array,
  sourceStart: number,
  sourceEnd: number,
  target: Uint8Array,
  targetStart: number,
  targetEnd: number,
): number {
  let from = sourceStart;
  let to = targetStart;
  let state = 0;
  if (from >= sourceEnd) return -1;
  if (source[from]! > 17) {
    const count = source[from]! - 17;
    from += 1;
    if (from + count > sourceEnd || to + count > targetEnd) return -1;
    for (let i = 0; i < count; i += 1) target[to++] = source[from++]!;
    state = Math.min(count, 4);
  }
  while (from < sourceEnd) {
    const code = source[from++]!;
    let length: number;
    let distance: number;
    if (code < 16) {
      if (state === 0) {
        let count = 3 + code;
        if (code === 0) {
          count = 18;
          while (from < sourceEnd && source[from] === 0) {
            count += 255;
            from += 1;
          }
          if (from >= sourceEnd) return -1;
          count += source[from++]!;
        }
        if (from + count > sourceEnd || to + count > targetEnd) return -1;
        for (let i = 0; i < count; i += 1) target[to++] = source[from++]!;
        state = 4;
        continue;
      }
      if (from >= sourceEnd) return -1;
      distance = (code >> 2) + (source[from++]! << 2) + (state === 4 ? 2049 : 1);
      length = state === 4 ? 3 : 2;
      state = code & 3;
    } else if (code < 64) {
      const mask = code < 32 ? 7 : 31;
      length = 2 + (code & mask);
      if (length === 2) {
        length += mask;
        while (from < sourceEnd && source[from] === 0) {
          length += 255;
          from += 1;
        }
        if (from >= sourceEnd) return -1;
        length += source[from++]!;
      }
      if (from + 2 > sourceEnd) return -1;
      const word = source[from]! | (source[from + 1]! << 8);
      from += 2;
      distance = word >> 2;
      if (code < 32) {
        distance += 16384 + ((code & 8) << 11);
        if (distance === 16384) return to - targetStart;
      } else distance += 1;
      state = word & 3;
    } else {
      if (from >= sourceEnd) return -1;
      distance = ((code >> 2) & 7) + (source[from++]! << 3) + 1;
      length = code < 128 ? 3 + ((code >> 5) & 1) : 5 + ((code >> 5) & 3);
      state = code & 3;
    }
    if (to - distance < targetStart || to + length > targetEnd) return -1;
    for (const end = to + length; to < end; to += 1) target[to] = target[to - distance]!;
    if (from + state > sourceEnd || to + state > targetEnd) return -1;
    for (let i = 0; i < state; i += 1) target[to++] = source[from++]!;
  }
  return -1; // no end mark
}
