/**
 * A file of which more is a hole has no hash of its own: zeros go through SHA-256 at 1 to 2 GB/s,
 * and a file of 8 EiB that holds nothing costs nobody anything. Data has no limit.
 */
export const MAX_HASHED_HOLES = 64 * 2 ** 30;
