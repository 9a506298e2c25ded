import { expect, test } from 'vitest';
import { rebuild } from '../../../main/engine/volume/parity.ts';
import { Random } from '../../harness/random.ts';

/** P and Q the slow way: multiplication by shifting, as the definition has it. */
function parityOf(data: readonly Uint8Array[]): { p: Uint8Array; q: Uint8Array } {
  const times = (a: number, b: number): number => {
    let product = 0;
    for (
      let bit = 0, value = a;
      bit < 8;
      bit += 1, value = (value << 1) ^ (value & 0x80 ? 0x11d : 0)
    ) {
      if ((b >> bit) & 1) product ^= value;
    }
    return product & 0xff;
  };
  const power = (n: number): number => (n === 0 ? 1 : times(2, power(n - 1)));
  const size = data[0]!.length;
  const sum = (of: (i: number, stripe: number) => number): Uint8Array =>
    Uint8Array.from({ length: size }, (_, i) => data.reduce((acc, _d, s) => acc ^ of(i, s), 0));
  return { p: sum((i, s) => data[s]![i]!), q: sum((i, s) => times(power(s), data[s]![i]!)) };
}

test.each([1, 2, 3, 5, 14])('every loss that %i data stripes can bear is rebuilt', (count) => {
  const random = new Random(count);
  const data = Array.from({ length: count }, () => new Uint8Array(random.bytes(64)));
  const { p, q } = parityOf(data);
  const attempt = (
    lost: readonly number[],
    hasP: boolean,
    hasQ: boolean,
    wanted: number,
  ): boolean => {
    const row = {
      data: data.map((stripe, i) => (lost.includes(i) ? undefined : stripe)),
      p: hasP ? p : undefined,
      q: hasQ ? q : undefined,
    };
    const out = new Uint8Array(64).fill(0xee);
    if (!rebuild(row, wanted, out)) return false;
    expect(out).toEqual(data[wanted]);
    return true;
  };
  for (let x = 0; x < count; x += 1) {
    expect(attempt([x], true, true, x)).toBe(true);
    expect(attempt([x], true, false, x)).toBe(true);
    expect(attempt([x], false, true, x)).toBe(true);
    expect(attempt([x], false, false, x)).toBe(false);
    for (let y = 0; y < count; y += 1) {
      if (y === x) continue;
      expect(attempt([x, y], true, true, x)).toBe(true);
      expect(attempt([x, y], true, false, x)).toBe(false);
      expect(attempt([x, y], false, true, x)).toBe(false);
    }
  }
});
