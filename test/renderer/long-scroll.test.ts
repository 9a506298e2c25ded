import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  placeOf,
  placeShowing,
  roomOf,
  rowsAt,
  scrolledTo,
  type LongList,
  type ScrollPlace,
} from '../../renderer/parts/long-scroll.ts';

const START: ScrollPlace = { scrollPx: 0, shiftPx: 0 };
const lists = fc.record({
  rowCount: fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: 50_000_000 })),
  rowPx: fc.constantFrom(30, 36, 44),
  viewPx: fc.integer({ min: 200, max: 2_000 }),
});
const fraction = fc.double({ min: 0, max: 1, noNaN: true });

/** From the upper edge of what is seen to the row, as the browser draws it. */
function seenAt(list: LongList, place: ScrollPlace, index: number): number {
  return index * list.rowPx - place.shiftPx - place.scrollPx;
}

function expectPossible(list: LongList, place: ScrollPlace): void {
  expect(place.scrollPx).toBeGreaterThanOrEqual(0);
  expect(place.scrollPx).toBeLessThanOrEqual(Math.max(0, roomOf(list) - list.viewPx) + 1);
  expect(place.shiftPx).toBeGreaterThanOrEqual(0);
}

// Above 932,067 rows of 36 pixels Chromium drew nothing, and End led there.
test('any row of any list can be seen, whole, with all around it drawn', () => {
  expect(roomOf({ rowCount: 2_000_000, rowPx: 36, viewPx: 500 })).toBe(16_000_000);
  fc.assert(
    fc.property(lists, fraction, fraction, (list, from, to) => {
      const at = (part: number): number => Math.floor(part * (list.rowCount - 1));
      const before = placeShowing(list, START, at(from));
      const place = placeShowing(list, before, at(to));
      expectPossible(list, place);
      const topPx = seenAt(list, place, at(to));
      expect(topPx).toBeGreaterThanOrEqual(-0.01);
      expect(topPx + list.rowPx).toBeLessThanOrEqual(list.viewPx + 0.01);
      const [first, last] = rowsAt(list, place, 0);
      expect(first).toBeLessThanOrEqual(at(to));
      expect(last).toBeGreaterThanOrEqual(at(to));
    }),
  );
});

test('a row that is seen moves nothing', () => {
  const list = { rowCount: 1_000, rowPx: 36, viewPx: 360 };
  const place = placeOf(list, 720);
  for (let index = 20; index < 30; index++) expect(placeShowing(list, place, index)).toBe(place);
  expect(placeShowing(list, place, 30).scrollPx).toBe(756);
  expect(placeShowing(list, place, 19).scrollPx).toBe(684);
});

test('the bar leads from the first row to the last, steps move the rows by as much', () => {
  fc.assert(
    fc.property(lists, fraction, fc.integer({ min: -200, max: 200 }), (list, part, stepPx) => {
      const mostPx = Math.max(0, roomOf(list) - list.viewPx);
      const wholePx = list.rowCount * list.rowPx;
      const end = scrolledTo(list, START, mostPx);
      const lastPx = seenAt(list, end, list.rowCount - 1) + list.rowPx;
      expect(Math.abs(lastPx - Math.min(wholePx, list.viewPx))).toBeLessThanOrEqual(1);
      expect(scrolledTo(list, end, 0)).toEqual(START);
      const here = placeOf(list, part * wholePx);
      const next = scrolledTo(list, here, Math.min(mostPx, Math.max(0, here.scrollPx + stepPx)));
      expectPossible(list, next);
      const movedPx = next.scrollPx + next.shiftPx - here.scrollPx - here.shiftPx;
      if (here.scrollPx + stepPx >= 0 && here.scrollPx + stepPx <= mostPx)
        expect(Math.abs(movedPx - stepPx)).toBeLessThanOrEqual(1);
    }),
  );
});

// Where less than what is seen lay in the last part, End stopped 5,000 rows before it.
test('the end is come to wherever the last part of the list begins', () => {
  for (let more = 0; more < 40; more++) {
    const list = { rowCount: 12_069_330 + more, rowPx: 30, viewPx: 200 };
    const end = placeShowing(list, START, list.rowCount - 1);
    expect(seenAt(list, end, list.rowCount - 1) + 30).toBeCloseTo(200, 0);
    expectPossible(list, end);
    const byBar = scrolledTo(list, START, roomOf(list) - list.viewPx);
    expect(seenAt(list, byBar, list.rowCount - 1) + 30).toBeCloseTo(200, 0);
  }
});

/** A wheel only ever makes small steps: they must come to both ends. */
test('small steps come to the beginning and to the end of a list that is too high', () => {
  const list = { rowCount: 700_000, rowPx: 36, viewPx: 500 };
  let place = placeOf(list, 40_000);
  for (let i = 0; i < 500; i++) place = scrolledTo(list, place, Math.max(0, place.scrollPx - 100));
  expect(place).toEqual(START);
  const mostPx = roomOf(list) - list.viewPx;
  place = placeOf(list, 700_000 * 36 - 40_000);
  for (let i = 0; i < 500; i++)
    place = scrolledTo(list, place, Math.min(mostPx, place.scrollPx + 100));
  expect(place.scrollPx + place.shiftPx).toBe(700_000 * 36 - 500);
});
