import { afterEach, beforeEach, expect, test } from 'vitest';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { RandomTree } from '../harness/random-tree.ts';
import { RoundTrip } from './round-trip.ts';

describeKernel('every kind of file', () => {
  let trip: RoundTrip;
  beforeEach(() => {
    trip = new RoundTrip();
  });
  afterEach(() => trip.close());

  test('arrives in a full stream of version 1', () => {
    fillTree(trip.work);
    trip.snapshot('a');
    trip.receive(trip.stream('a'));
    expect(trip.differences('a')).toEqual([]);
  });

  test('arrives in a chain of increments', () => {
    const tree = new RandomTree(trip.work, 7);
    tree.edit(200);
    trip.snapshot('s0');
    trip.receive(trip.stream('s0'));
    expect(trip.differences('s0')).toEqual([]);
    for (let i = 1; i < 6; i++) {
      tree.edit(60);
      trip.snapshot(`s${i}`);
      trip.receive(trip.stream(`s${i}`, { parent: `s${i - 1}` }));
      expect(trip.differences(`s${i}`)).toEqual([]);
    }
  });
});
