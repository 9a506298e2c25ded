import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffText, hunksOf } from '../../renderer/pages/restore/versions/text-diff.ts';

const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 24 });

test('both texts can be read off a difference', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const { lines } = diffText(joined(before), joined(after));
      expect(lines.filter(({ kind }) => kind !== 'added').map((line) => line.text)).toEqual(before);
      expect(lines.filter(({ kind }) => kind !== 'removed').map((l) => l.text)).toEqual(after);
    }),
  );
});

test('no difference is longer than need be', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const { removed, added } = diffText(joined(before), joined(after));
      const common = longestCommon(before, after);
      expect(removed).toBe(before.length - common);
      expect(added).toBe(after.length - common);
    }),
  );
});

test('texts that have nothing in common are one block out and one in', () => {
  const [before, after] = [many(3_000, 'old'), many(3_000, 'new')];
  const { removed, added, lines } = diffText(before, after);
  expect([removed, added]).toEqual([3_000, 3_000]);
  expect(lines[2_999]!.kind).toBe('removed');
  expect(lines[3_000]!.kind).toBe('added');
});

test('only what surrounds a difference is shown', () => {
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`);
  const changed = lines.with(10, 'ten').with(14, 'fourteen').with(60, 'sixty');
  const hunks = hunksOf(diffText(joined(lines), joined(changed)));
  expect(hunks.map((hunk) => [hunk[0]!.before, hunk.at(-1)!.before])).toEqual([
    [8, 18],
    [58, 64],
  ]);
  expect(hunksOf(diffText('same\n', 'same\n'))).toEqual([]);
});

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function many(count: number, word: string): string {
  return Array.from({ length: count }, (_, i) => `${word} ${i}\n`).join('');
}

/** By the textbook's table: another way than that of what is tested. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++)
      table[i]![j] =
        a[i - 1] === b[j - 1]
          ? table[i - 1]![j - 1]! + 1
          : Math.max(table[i - 1]![j]!, table[i]![j - 1]!);
  return table[a.length]![b.length]!;
}
