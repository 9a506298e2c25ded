/**
 * libzstd, libdeflate or libz, and liblzo2 of the system: Node's own functions make a context, a
 * stream and its buffers for each call, which for extents of 128 KiB takes longer than the work
 * itself, and it has none for lzo. The libraries have kept their ABI for many years (libzstd.so.1,
 * libdeflate.so.0, libz.so.1, liblzo2.so.2); where one is missing, the caller has Node's or its own.
 */
import { orNull, systemLibrary } from './system-library.ts';

/**
 * Unpacks one frame or stream at the start of `source` into `target`.
 * @returns bytes written; -1: it is damaged, or holds more than `target`.
 */
export type Unpack = (source: Uint8Array, target: Uint8Array) => number;

let zstd: Unpack | null | undefined;
let zlib: Unpack | null | undefined;
let lzo: Unpack | null | undefined;

/** zstd, whose frame must end with `source`; null where the system has no libzstd, or no memory for it. */
export function systemZstd(): Unpack | null {
  if (zstd === undefined) zstd = orNull(loadZstd);
  return zstd;
}

/** zlib (RFC 1950), with anything behind it; null where the system has neither libdeflate nor libz. */
export function systemZlib(): Unpack | null {
  if (zlib === undefined) zlib = orNull(loadDeflate) ?? orNull(loadZlib);
  return zlib;
}

/** LZO1X, whose end mark must end `source`; null where the system has no liblzo2. */
export function systemLzo(): Unpack | null {
  if (lzo === undefined) lzo = orNull(loadLzo);
  return lzo;
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

const LIBDEFLATE_SUCCESS = 0;

/** Takes half the time of libz. */
function loadDeflate(): Unpack {
  const library = systemLibrary('libdeflate.so.0');
  const make = library.func('void *libdeflate_alloc_decompressor(void)') as () => unknown;
  const decompress = library.func(
    'int libdeflate_zlib_decompress_ex(void *decompressor, const void *source, size_t length, void *target, size_t room, void *used, void *written)',
  ) as (...args: unknown[]) => number;
  // one for the thread, for as long as it lives
  const decompressor = make();
  if (decompressor === null) throw new Error('no memory for a decompressor of libdeflate');
  const [used, written] = [new BigUint64Array(1), new BigUint64Array(1)];
  return (source, target) => {
    const { length } = source;
    const done = decompress(decompressor, source, length, target, target.length, used, written);
    return done === LIBDEFLATE_SUCCESS ? Number(written[0]) : -1;
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

const LZO_E_OK = 0;

function loadLzo(): Unpack {
  const library = systemLibrary('liblzo2.so.2');
  const decompress = library.func(
    'int lzo1x_decompress_safe(const void *source, unsigned long length, void *target, void *room, void *unused)',
  ) as (...args: unknown[]) => number;
  const room = new BigUint64Array(1);
  return (source, target) => {
    room[0] = BigInt(target.length);
    return decompress(source, source.length, target, room, null) === LZO_E_OK
      ? Number(room[0])
      : -1;
  };
}
