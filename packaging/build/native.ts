/**
 * Packages with native code stay packages, beside the bundle: the system's loader opens files,
 * and each looks for the library of the machine in a folder of its own.
 */
export const NATIVE = ['better-sqlite3', 'koffi', '@node-rs/crc32', '@node-rs/xxhash'] as const;
