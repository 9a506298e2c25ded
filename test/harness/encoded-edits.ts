import * as fs from 'node:fs';
import { deflateSync, zstdCompressSync } from 'node:zlib';
import koffi from 'koffi';
import type { Edit, Site } from './random-tree.ts';
import * as sys from './syscalls.ts';

/** Of linux/btrfs.h: BTRFS_IOC_ENCODED_WRITE, and its names for the compressions. */
const ENCODED_WRITE = 0x4080_9440;
export const [ZLIB, ZSTD, LZO] = [1, 2, 3];
const BLOCK = 4096;
const MAX_BLOCKS = 32;

/** Writes of compressed data as it is, of which the file may have a part in the middle only. */
export const encodedEdits: Record<string, readonly [weight: number, edit: Edit]> = {
  encoded: [4, writeEncoded],
};

function writeEncoded(site: Site): Buffer[] {
  const { random } = site;
  const path = site.file();
  const fd = fs.openSync(path, fs.constants.O_RDWR);
  try {
    const blocks = random.between(1, MAX_BLOCKS + 1);
    const first = random.between(0, blocks);
    const isWhole = random.chance(0.5);
    const text = random.text(BLOCK * blocks - (isWhole ? random.pick([0, 1, 1000]) : 0));
    const offset = isWhole ? 0 : BLOCK * first;
    const length = isWhole ? text.length : BLOCK * random.between(1, blocks - first + 1);
    const compression = random.pick([ZLIB, ZSTD]);
    const data = compression === ZLIB ? deflateSync(text) : zstdCompressSync(text);
    const what = { data, compression, unpackedBytes: text.length, offset, length };
    encodedWrite(fd, BLOCK * random.between(0, 20), what);
  } finally {
    fs.closeSync(fd);
  }
  return [path];
}

export interface Encoded {
  readonly data: Buffer;
  readonly compression: number;
  /** How much it is said to be when it is unpacked, and the part of it that the file gets. */
  readonly unpackedBytes: number;
  readonly offset: number;
  readonly length: number;
}

/** struct btrfs_ioctl_encoded_io_args, with one piece of memory. */
export function encodedWrite(fd: number, at: number, what: Encoded): void {
  const { data, compression, unpackedBytes, offset, length } = what;
  const memory = koffi.alloc('uint8_t', data.length);
  const piece = koffi.alloc('uint64_t', 2);
  try {
    new Uint8Array(koffi.view(memory, data.length)).set(data);
    const [address, count] = [koffi.address(memory), BigInt(data.length)];
    new BigUint64Array(koffi.view(piece, 16)).set([address, count]);
    const args = new BigUint64Array(16);
    args.set([koffi.address(piece), 1n, BigInt(at), 0n, BigInt(length), BigInt(unpackedBytes)]);
    args.set([BigInt(offset), BigInt(compression)], 6);
    sys.ioctl(fd, ENCODED_WRITE, args, 'ENCODED_WRITE');
  } finally {
    koffi.free(piece);
    koffi.free(memory);
  }
}
