import { expect, test } from 'vitest';
import { hasLoose, type ChainedPoint } from '../../main/plan/pressure.ts';

const point = (uuid: string, parent?: string): ChainedPoint & { readonly name: string } => ({
  ...{ name: 'snapshot', uuid, ctransid: 7 },
  parent: parent === undefined ? null : { uuid: parent, ctransid: 7 },
});

// It went by names: with Snapper's layout all points are called alike, so that none was loose (or
// one that others build on was), and the rule of a plan removed nothing for ever.
test('points of one name are told apart by their identity', () => {
  const [full, middle, last] = [point('a'), point('b', 'a'), point('c', 'b')];
  const alone = point('d');
  const all = [full, middle, last, alone];
  expect(hasLoose([alone], all)).toBe(true);
  expect(hasLoose([full, middle], all)).toBe(false);
  expect(hasLoose([full, middle, last], all)).toBe(true);
});

test('a chain whose parent is not there, or that goes in a circle, ends', () => {
  expect(hasLoose([point('a', 'lost')], [point('a', 'lost'), point('b', 'lost')])).toBe(true);
  const circle = [point('a', 'b'), point('b', 'a'), point('c', 'a')];
  expect(hasLoose([circle[0]!], circle)).toBe(false);
});
