import { constants, zstdCompress } from 'node:zlib';
import { SystemPacker } from '../../linux/system-packer.ts';
import { FRAME_BYTES } from './frame-ring.ts';

/**
 * Packs what stands in one slot as a zstd frame with content size and checksum: with the system's
 * library where there is one, else with Node's.
 */
export class FramePacker {
  readonly #level: number;
  readonly #system: SystemPacker | null;

  constructor(level: number) {
    this.#level = level;
    this.#system = SystemPacker.open(level, FRAME_BYTES);
  }

  /** Borrowed until the next call; until then `plain` must not change. */
  async pack(plain: Uint8Array): Promise<Uint8Array> {
    return (await this.#system?.pack(plain)) ?? packedByNode(plain, this.#level);
  }

  close(): void {
    this.#system?.close();
  }
}

function packedByNode(plain: Uint8Array, level: number): Promise<Buffer> {
  const options = {
    chunkSize: plain.length + (plain.length >> 7) + 1024,
    pledgedSrcSize: plain.length,
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  };
  return new Promise((resolve, reject) => {
    zstdCompress(plain, options, (error, packed) => (error ? reject(error) : resolve(packed)));
  });
}
