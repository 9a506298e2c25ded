import { crc32c } from '@node-rs/crc32';

const WANTED = 0x12345678;
const LENGTH = 240;

/** Names of 240 bytes that all have the same CRC-32C: btrfs puts them into one item. */
export function collidingNames(count: number): Buffer[] {
  const found: Buffer[] = [];
  for (let i = 0; found.length < count; i += 1) {
    const name = Buffer.alloc(LENGTH, 'x');
    name.write(`name ${i} `);
    name.fill(0, LENGTH - 4);
    name.writeUInt32LE(endOf(name), LENGTH - 4);
    if (!name.includes(0) && !name.includes('/')) found.push(name);
  }
  return found;
}

/** The last four bytes: the checksum is linear in their bits, which is solved bit by bit. */
function endOf(name: Buffer): number {
  const before = crc32c(name);
  const pivots: { sum: number; bits: number }[] = [];
  const reduced = (sum: number, bits: number): { sum: number; bits: number } => {
    for (const pivot of pivots) {
      if (((sum >>> (31 - Math.clz32(pivot.sum))) & 1) === 0) continue;
      sum ^= pivot.sum;
      bits ^= pivot.bits;
    }
    return { sum, bits };
  };
  for (let bit = 0; bit < 32; bit += 1) {
    const changed = Buffer.from(name);
    changed.writeUInt32LE((1 << bit) >>> 0, LENGTH - 4);
    const pivot = reduced(crc32c(changed) ^ before, 1 << bit);
    if (pivot.sum !== 0) pivots.push(pivot);
  }
  return reduced(before ^ WANTED, 0).bits >>> 0;
}
