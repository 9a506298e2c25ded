import { openSync } from 'node:fs';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { inPairs, SortedList } from '../../../main/engine/spill/sorted-list.ts';

type Options = ConstructorParameters<typeof SortedList>[0];

function listOf(keys: readonly string[], options: Options = {}): SortedList<number> {
  const list = new SortedList<number>({ mostWaiting: 4, mostPages: 2, ...options });
  onTestFinished(() => list.close());
  keys.forEach((key, i) => list.add(key, i));
  return list;
}

const someKeys = fc.array(
  fc.oneof(fc.constantFrom('a', 'b', '\udc80', 'line\nend'), fc.string({ maxLength: 5_000 })),
  { maxLength: 60 },
);

function sorted(keys: readonly string[]): number[] {
  const order = (a: number, b: number): number =>
    keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : a - b;
  return [...keys.keys()].sort(order);
}

test('what lies in the file comes in the order of a stable sort', () => {
  fc.assert(
    fc.property(someKeys, fc.boolean(), (keys, isSecret) => {
      const list = listOf(keys, { isSecret });
      expect(list.count).toBe(keys.length);
      expect([...list]).toEqual(sorted(keys));
      expect([...list]).toEqual(sorted(keys));
    }),
  );
});

test('without room for a file it is the same', () => {
  const keys = Array.from({ length: 3_000 }, (_, i) => `${(i * 7919) % 1_000} of a key`);
  const list = listOf(keys, { open: () => openSync('/dev/full', 'r+') });
  expect([...list]).toEqual(sorted(keys));
});

test('pairs are what has one key in two lists', () => {
  const pairs = [...inPairs(listOf(['b', 'a', 'b', 'd', 'e']), listOf(['c', 'b', 'd', 'f', 'd']))];
  expect(pairs).toEqual([
    ...[[[1], []]],
    ...[[[0, 2], [1]]],
    ...[[[], [0]]],
    ...[[[3], [2, 4]]],
    ...[[[4], []]],
    ...[[[], [3]]],
  ]);
});
