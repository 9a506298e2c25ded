const MINORS = 0x10_0000;

/**
 * A device number as the stream carries it (the kernel's new_encode_dev), from one as inode
 * items hold it, major above 20 bits of minor:
 * ```
 * minor 8..19   major 0..11   minor 0..7
 * ```
 */
export function encodeDevice(rdev: number): number {
  const major = Math.floor(rdev / MINORS) % 0x1000;
  const minor = rdev % MINORS;
  return (minor % 0x100) + major * 0x100 + (minor - (minor % 0x100)) * 0x1000;
}

/** The other way. */
export function decodeDevice(encoded: number): number {
  const major = (encoded >>> 8) & 0xfff;
  const minor = (encoded & 0xff) | ((encoded >>> 12) & 0xfff00);
  return major * MINORS + minor;
}
