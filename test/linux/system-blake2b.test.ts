import { blake2b } from '@noble/hashes/blake2.js';
import { expect, test } from 'vitest';
import { systemBlake2b } from '../../main/linux/system-blake2b.ts';
import { Random } from '../harness/random.ts';

test("the system's BLAKE2b gives the digests of another implementation", ({ skip }) => {
  const digest = systemBlake2b();
  if (digest === null) return skip('no libgcrypt here');
  const random = new Random(1);
  for (const length of [0, 1, 31, 127, 128, 129, 4096, 16_384, 100_000]) {
    const data = random.bytes(length);
    expect(Buffer.from(digest(data)).toString('hex')).toBe(
      Buffer.from(blake2b(data, { dkLen: 32 })).toString('hex'),
    );
  }
  // each has its own memory
  const [first, second] = [digest(random.bytes(10)), digest(random.bytes(10))];
  expect(Buffer.compare(first, second)).not.toBe(0);
});
