import { expect, test } from 'vitest';
import { LackingNames } from '../../../main/engine/stream/lacking-names.ts';
import { Random } from '../../harness/random.ts';

test('knows just the pairs that it was told, also where hashes and directories meet', () => {
  const random = new Random(3);
  const lacking = new LackingNames();
  const told = new Set<string>();
  const pair = (): [number, number] => [
    random.pick([256, 257, 2 ** 31, 2 ** 32 + 256, 2 ** 52]) + random.between(0, 40),
    random.pick([0, 1, 0xffff_ffff, random.between(0, 2000)]),
  ];
  for (let i = 0; i < 20_000; i++) {
    const [directory, hash] = pair();
    lacking.add(directory, hash);
    told.add(`${directory} ${hash}`);
  }
  for (let i = 0; i < 20_000; i++) {
    const [directory, hash] = pair();
    expect(lacking.has(directory, hash)).toBe(told.has(`${directory} ${hash}`));
  }
});

test('forgets what is too much, and says of nothing that it lacks what it was not told', () => {
  const lacking = new LackingNames();
  for (let i = 0; i < 300_000; i++) lacking.add(256 + i, 5);
  expect(lacking.has(256, 5)).toBe(true);
  expect(lacking.has(256 + 299_999, 5)).toBe(false);
  expect(lacking.has(256, 6)).toBe(false);
});
