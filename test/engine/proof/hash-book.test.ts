import { expect, test } from 'vitest';
import { HashBook } from '../../../main/engine/proof/hash-book.ts';
import { Random } from '../../harness/random.ts';

// It was a Map, which takes no more than 2^24 entries: a send --to of more files ended there.
test('gives back what it got last, as a Map does, of any inode number', () => {
  const random = new Random(11);
  const book = new HashBook();
  const known = new Map<number, string>();
  const add = (inode: number): void => {
    const hash = random.bytes(32);
    book.add(inode, hash);
    known.set(inode, hash.toString('hex'));
  };
  for (let inode = 256; inode < 50_000; inode += 1) add(inode);
  // What differs in its upper half alone, and numbers that stand in one slot.
  for (let i = 1; i < 2_000; i += 1) for (const at of [2 ** 32, 2 ** 20, 2 ** 48]) add(i * at);
  for (let i = 0; i < 20_000; i += 1) add(random.between(0, 60_000));
  add(Number.MAX_SAFE_INTEGER - 1);
  for (const [inode, hash] of known) if (book.get(inode) !== hash) expect.fail(`${inode}`);
  for (const inode of [60_500, 70_000, 2 ** 48 + 1]) expect(book.get(inode)).toBeUndefined();
});
