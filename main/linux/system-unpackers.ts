/**
 * libzstd and libz of the system: Node's own functions make a context, a stream and its buffers for
 * each call, which for extents of 128 KiB takes longer than the work itself. Both libraries have kept
 * their ABI for many years (libzstd.so.1, libz.so.1); where one is missing, the caller has Node's.
 */
import { systemLibrary } from './system-library.ts';

/**
 * Unpacks one frame or stream at the start of `source` into `target`.
 * @returns bytes written; -1: it is damaged, or holds more than `target`.
 */
export type Unpack = (source: Uint8Array, target: Uint8Array) => number;

let zstd: Unpack | null | undefined;
let zlib: Unpack | null | undefined;

/** zstd, whose frame must end with `source`; null where the system has no libzstd, or no memory for it. */
export function systemZstd(): Unpack | null {
  if (zstd === undefined) zstd = tried(loadZstd);
  return zstd;
}

/** zlib (RFC 1950), with anything behind it; null where the system has no libz. */
export function systemZlib(): Unpack | null {
  if (zlib === undefined) zlib = tried(loadZlib);
  return zlib;
}

function tried(load: () => Unpack): Unpack | null {
  try {
    return load();
  } catch {
    return null;
  }
}

function loadZstd(): Unpack {
  const library = systemLibrary('libzstd.so.1');
  const makeContext = library.func('void *ZSTD_createDCtx(void)') as () => unknown;
  const decompress = library.func(
    'size_t ZSTD_decompressDCtx(void *context, _Out_ void *target, size_t room, const void *source, size_t length)',
  ) as (...args: unknown[]) => number | bigint;
  // one for the thread, for as long as it lives
  const context = makeContext();
  if (context === null) throw new Error('no memory for a context of libzstd');
  return (source, target) => {
    const written = Number(decompress(context, target, target.length, source, source.length));
    // errors are -1, -2, ... as size_t
    return written <= target.length ? written : -1;
  };
}

const Z_OK = 0;

function loadZlib(): Unpack {
  const library = systemLibrary('libz.so.1');
  const uncompress = library.func(
    'int uncompress(void *target, void *room, const void *source, unsigned long length)',
  ) as (...args: unknown[]) => number;
  const room = new BigUint64Array(1);
  return (source, target) => {
    room[0] = BigInt(target.length);
    return uncompress(target, room, source, source.length) === Z_OK ? Number(room[0]) : -1;
  };
}
