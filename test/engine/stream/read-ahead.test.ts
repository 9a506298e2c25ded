import { expect, test } from 'vitest';
import { corrupt, DendroError } from '../../../shared/errors.ts';
import type { AheadVolume } from '../../../main/engine/stream/extent-batch.ts';
import { ReadAhead } from '../../../main/engine/stream/read-ahead.ts';
import { Random } from '../../harness/random.ts';

const SECTOR = 4096;

/** A device that writes to the memory at the last moment, as a slow one may. */
class SlowVolume implements AheadVolume {
  readonly bad = new Set<number>();
  underWay = 0;
  begun = 0;
  cancelledAfter = -1;
  isChanged = false;
  epoch = 1;
  /** What was under way when it was asked whether something was committed. */
  readonly checks: number[] = [];
  #allocated = 0;

  get allocated(): number {
    return this.#allocated;
  }

  allocate(lengthBytes: number): Uint8Array {
    this.#allocated += 1;
    return new Uint8Array(lengthBytes);
  }

  release(): void {
    this.#allocated -= 1;
  }

  readLogical(logical: number, length: number, target: Uint8Array, at: number): void {
    for (let done = 0; done < length; done += SECTOR) {
      target.fill(byteOf(logical + done), at + done, at + done + SECTOR);
    }
  }

  startRead(logical: number, length: number, target: Uint8Array, at: number): () => void {
    if (this.begun === this.cancelledAfter)
      throw new DendroError('Cancelled', 'cancelled', 'Stop.');
    this.underWay += 1;
    this.begun += 1;
    target.fill(0, at, at + length);
    return () => {
      this.underWay -= 1;
      this.readLogical(logical, length, target, at);
    };
  }

  isCurrent(): boolean {
    this.checks.push(this.underWay);
    return !this.isChanged;
  }

  verifyData(logical: number): 'verified' {
    if (this.bad.has(logical)) throw corrupt('data-damaged', 'It is bad.');
    return 'verified';
  }
}

const byteOf = (logical: number): number => ((logical / SECTOR) % 251) + 1;

function holds(view: Uint8Array | undefined, logical: number, length: number): boolean {
  if (view?.length !== length) return false;
  return view.every((byte, i) => byte === byteOf(logical + i - (i % SECTOR)));
}

test('what is announced group by group is there when it is asked for, and right', () => {
  const volume = new SlowVolume();
  const ahead = new ReadAhead(volume);
  const random = new Random(1);
  const groups = Array.from({ length: 40 }, () =>
    Array.from({ length: random.between(0, 120) }, () => ({
      logical: SECTOR * random.between(0, 1_000_000),
      length: SECTOR * random.between(1, 20),
    })),
  );
  const announce = (group: (typeof groups)[number]): void => {
    ahead.beginGroup();
    for (const { logical, length } of group) ahead.announce(logical, length, true);
    ahead.begin();
  };
  announce(groups[0]!);
  for (const [i, group] of groups.entries()) {
    // as the walk over a whole tree does: the next group before this one is asked for
    announce(groups[i + 1] ?? []);
    for (const { logical, length } of group) {
      if (random.chance(0.1)) continue;
      const view = ahead.view(logical, 0, length, true);
      expect(view === undefined || holds(view, logical, length)).toBe(true);
      expect(view).toBeDefined();
    }
  }
  ahead.close();
  expect(volume.underWay).toBe(0);
  expect(volume.allocated).toBe(0);
});

test('the batch behind the one that is looked at is under way', () => {
  const volume = new SlowVolume();
  const ahead = new ReadAhead(volume);
  ahead.beginGroup();
  ahead.announce(0, SECTOR, true);
  ahead.begin();
  ahead.beginGroup();
  ahead.announce(1 << 30, SECTOR, true);
  ahead.begin();
  expect(volume.underWay).toBe(1);
  expect(holds(ahead.view(0, 0, SECTOR, true), 0, SECTOR)).toBe(true);
  expect(volume.begun).toBe(2);
  expect(volume.underWay).toBe(1);
  ahead.close();
  expect(volume.underWay).toBe(0);
});

test('what is not announced, too long, forgotten or bad is not there', () => {
  const volume = new SlowVolume();
  volume.bad.add(8 * SECTOR);
  const ahead = new ReadAhead(volume);
  const group = (...extents: readonly [number, number][]): void => {
    ahead.beginGroup();
    for (const [logical, length] of extents) ahead.announce(logical, length, true);
    ahead.begin();
  };
  group([0, SECTOR], [8 * SECTOR, SECTOR], [16 * SECTOR, 1 << 20]);
  expect(ahead.view(4 * SECTOR, 0, SECTOR, true)).toBeUndefined();
  expect(ahead.view(8 * SECTOR, 0, SECTOR, true)).toBeUndefined();
  expect(ahead.view(16 * SECTOR, 0, SECTOR, true)).toBeUndefined();
  expect(holds(ahead.view(0, 0, SECTOR, true), 0, SECTOR)).toBe(true);
  expect(ahead.view(0, SECTOR, SECTOR, true)).toBeUndefined();
  group([1 << 30, SECTOR]);
  group([2 ** 31, SECTOR]);
  group([2 ** 32, SECTOR]);
  // the first of the three is under way; of the others the first was let go by the last
  expect(holds(ahead.view(2 ** 32, 0, SECTOR, true), 2 ** 32, SECTOR)).toBe(true);
  expect(ahead.view(2 ** 31, 0, SECTOR, true)).toBeUndefined();
  ahead.close();
  expect(volume.underWay).toBe(0);
});

test('what was begun before a cancel is waited for, and all memory comes back', () => {
  const volume = new SlowVolume();
  const ahead = new ReadAhead(volume);
  ahead.beginGroup();
  for (let i = 0; i < 8; i += 1) ahead.announce(i << 24, SECTOR, true);
  volume.cancelledAfter = 3;
  expect(() => ahead.begin()).toThrow('Stop.');
  expect(volume.begun).toBe(3);
  expect(volume.underWay).toBe(0);
  ahead.close();
  expect(volume.allocated).toBe(0);
});

test('what has no checksums is believed when nothing was committed until all of it was read', () => {
  for (const change of ['nothing', 'a commit', 'an epoch']) {
    const isChanged = change !== 'nothing';
    const volume = new SlowVolume();
    volume.isChanged = change === 'a commit';
    const ahead = new ReadAhead(volume);
    ahead.beginGroup();
    for (let i = 0; i < 100; i += 1) ahead.announce(i << 24, SECTOR, i % 2 === 0);
    ahead.begin();
    // what was read may have come from a device that has left since
    if (change === 'an epoch') volume.epoch += 1;
    for (let i = 0; i < 100; i += 1) {
      const view = ahead.view(i << 24, 0, SECTOR, i % 2 === 0);
      if (isChanged && i % 2 === 1) expect(view).toBeUndefined();
      else expect(holds(view, i << 24, SECTOR)).toBe(true);
    }
    // once for all, and never for whoever asks for checksums
    expect(volume.checks).toEqual([0]);
    expect(ahead.view(1 << 24, 0, SECTOR, true)).toBeUndefined();
    ahead.close();
    expect(volume.allocated).toBe(0);
  }
});
