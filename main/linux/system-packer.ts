/**
 * libzstd of the system for packing: Node's functions make a context, a stream and its buffers for
 * each call, which at low levels takes longer than the work itself (see `system-unpackers.ts`).
 */
import { systemLibrary } from './system-library.ts';

/** ZSTD_cParameter of zstd.h; these numbers are part of the stable interface. */
const COMPRESSION_LEVEL = 100;
const CHECKSUM_FLAG = 201;

interface Zstd {
  create(): unknown;
  free(context: unknown): number | bigint;
  set(context: unknown, parameter: number, value: number): number | bigint;
  readonly compress: {
    async(...args: unknown[]): void;
  };
}

let library: Zstd | null | undefined;

/** What packers that were closed packed into: garbage, it would lie about until V8 looks for it. */
const spare: Uint8Array[] = [];

/**
 * Packs frames with content size and checksum, one at a time, each in a thread of the pool; several
 * work side by side. Its memory is used again for each frame.
 */
export class SystemPacker {
  readonly #zstd: Zstd;
  readonly #context: unknown;
  readonly #target: Uint8Array;

  private constructor(zstd: Zstd, context: unknown, level: number, mostBytes: number) {
    this.#zstd = zstd;
    this.#context = context;
    zstd.set(this.#context, COMPRESSION_LEVEL, level);
    zstd.set(this.#context, CHECKSUM_FLAG, 1);
    // Somewhat more than ZSTD_compressBound.
    const length = mostBytes + (mostBytes >> 7) + 1024;
    const known = spare.pop();
    this.#target = known?.length === length ? known : new Uint8Array(length);
  }

  /**
   * @param mostBytes no frame holds more.
   * @returns null where the system has no libzstd, or no memory for it.
   */
  static open(level: number, mostBytes: number): SystemPacker | null {
    library ??= load();
    const context = library?.create() ?? null;
    if (library === null || context === null) return null;
    return new SystemPacker(library, context, level, mostBytes);
  }

  /**
   * The packed frame, borrowed until the next call; `source` must stay as it is until then.
   * Undefined: it could not be packed (no memory).
   */
  pack(source: Uint8Array): Promise<Uint8Array | undefined> {
    const target = this.#target;
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, length: number | bigint): void => {
        if (error !== null) return reject(error);
        // Errors are -1, -2, ... as size_t.
        const bytes = Number(length);
        resolve(bytes <= target.length ? target.subarray(0, bytes) : undefined);
      };
      const { compress } = this.#zstd;
      compress.async(this.#context, target, target.length, source, source.length, done);
    });
  }

  /** Once, when nothing is in hand and what it gave is used up. */
  close(): void {
    this.#zstd.free(this.#context);
    spare.push(this.#target);
  }
}

function load(): Zstd | null {
  try {
    const zstd = systemLibrary('libzstd.so.1');
    return {
      create: zstd.func('void *ZSTD_createCCtx(void)'),
      free: zstd.func('size_t ZSTD_freeCCtx(void *context)'),
      set: zstd.func('size_t ZSTD_CCtx_setParameter(void *context, int parameter, int value)'),
      compress: zstd.func(
        'size_t ZSTD_compress2(void *context, void *target, size_t room, const void *source, size_t length)',
      ),
    };
  } catch {
    return null;
  }
}
