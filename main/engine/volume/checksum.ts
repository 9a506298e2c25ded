import { hash } from 'node:crypto';
import { createRequire } from 'node:module';
import { crc32c } from '@node-rs/crc32';
import type XxHashes from '@node-rs/xxhash';
import { blake2b } from '@noble/hashes/blake2.js';
import { unsupported } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { systemBlake2b } from '../../linux/system-blake2b.ts';
import { CHECKSUM_TYPE } from '../format/constants.ts';

/** One of btrfs's four checksums (`btrfs_csum_type`); all are stored little-endian. */
export interface Checksum {
  readonly name: 'crc32c' | 'xxhash64' | 'sha256' | 'blake2b';
  readonly sizeBytes: number;
  /** Whether `stored`, from `at`, is the checksum of `data`. */
  matches(data: Uint8Array, stored: Uint8Array, at: number): boolean;
  /** The checksum of `data`, `sizeBytes` long: for tests that make damage on purpose. */
  compute(data: Uint8Array): Uint8Array;
}

/** @throws Unsupported for an unknown `csum_type`. */
export function checksumOf(type: number): Checksum {
  const found = CHECKSUMS[type];
  if (found !== undefined) return found;
  throw unsupported(
    'unknown-checksum',
    say`This filesystem uses the unknown checksum type ${{ type }}.`,
    {
      hint: 'A newer version of Dendro may read it.',
    },
  );
}

/** Native code that few filesystems ask for: loaded when one does. */
let xxhashes: typeof XxHashes | undefined;

const crc: Checksum = {
  name: 'crc32c',
  sizeBytes: 4,
  matches(data, stored, at) {
    const word =
      (stored[at]! | (stored[at + 1]! << 8) | (stored[at + 2]! << 16) | (stored[at + 3]! << 24)) >>>
      0;
    return crc32c(data) === word;
  },
  compute(data) {
    const out = new Uint8Array(4);
    new DataView(out.buffer).setUint32(0, crc32c(data), true);
    return out;
  },
};

const xxhash: Checksum = byDigest('xxhash64', 8, (data) => {
  xxhashes ??= createRequire(import.meta.url)('@node-rs/xxhash') as typeof XxHashes;
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, xxhashes.xxh64(data, 0n), true);
  return out;
});
const sha256: Checksum = byDigest('sha256', 32, (data) => hash('sha256', data, 'buffer'));
const blake: Checksum = byDigest('blake2b', 32, (data) => {
  return systemBlake2b()?.(data) ?? blake2b(data, { dkLen: 32 });
});

const CHECKSUMS: Readonly<Record<number, Checksum>> = {
  [CHECKSUM_TYPE.crc32c]: crc,
  [CHECKSUM_TYPE.xxhash64]: xxhash,
  [CHECKSUM_TYPE.sha256]: sha256,
  [CHECKSUM_TYPE.blake2b]: blake,
};

function byDigest(
  name: Checksum['name'],
  sizeBytes: number,
  compute: (data: Uint8Array) => Uint8Array,
): Checksum {
  return {
    name,
    sizeBytes,
    compute,
    matches(data, stored, at) {
      const digest = compute(data);
      for (let i = 0; i < sizeBytes; i += 1) if (digest[i] !== stored[at + i]) return false;
      return true;
    },
  };
}
