/** Firefox draws nothing that is higher than 17.8 million pixels, Chromium nothing above 33.5. */
const MOST_PX = 16_000_000;
const PAGES = 100;

/** A list, and how much of it is seen at once. */
export interface LongList {
  readonly rowCount: number;
  readonly rowPx: number;
  readonly viewPx: number;
}

/** Where a list stands: how far its element is scrolled, and how far its rows are beyond that. */
export interface ScrollPlace {
  readonly scrollPx: number;
  readonly shiftPx: number;
}

/** How high the element that is scrolled is made. */
export function roomOf({ rowCount, rowPx }: LongList): number {
  return Math.min(rowCount * rowPx, MOST_PX);
}

/**
 * Where the list stands after its element has been scrolled. Small steps (wheel, a page) move the
 * rows by as much; a long one, by the bar, goes to the same part of the whole as of the element.
 */
export function scrolledTo(list: LongList, before: ScrollPlace, scrollPx: number): ScrollPlace {
  const { wholePx, roomPx, viewPx } = sizesOf(list);
  if (wholePx <= roomPx) return { scrollPx, shiftPx: 0 };
  if (Math.abs(scrollPx - before.scrollPx) <= viewPx)
    return placeOf(list, scrollPx + before.shiftPx);
  const whole = (scrollPx / (roomPx - viewPx)) * (wholePx - viewPx);
  return { scrollPx, shiftPx: shiftAt(list, whole) };
}

/** Where the list stands with `topPx` of all its rows above what is seen. */
export function placeOf(list: LongList, topPx: number): ScrollPlace {
  const { wholePx, viewPx } = sizesOf(list);
  const top = Math.max(0, Math.min(topPx, wholePx - viewPx));
  const shiftPx = shiftAt(list, top);
  return { scrollPx: top - shiftPx, shiftPx };
}

/** The place where row `index` is seen, as near to where it stands as can be. */
export function placeShowing(list: LongList, now: ScrollPlace, index: number): ScrollPlace {
  const { rowPx, viewPx } = list;
  const topPx = now.scrollPx + now.shiftPx;
  const startPx = index * rowPx;
  if (startPx < topPx) return placeOf(list, startPx);
  if (startPx + rowPx > topPx + viewPx) return placeOf(list, startPx + rowPx - viewPx);
  return now;
}

/** The rows that are seen, and `more` on either side. */
export function rowsAt(list: LongList, now: ScrollPlace, more: number): readonly [number, number] {
  const { rowCount, rowPx, viewPx } = list;
  const topPx = now.scrollPx + now.shiftPx;
  const first = Math.floor(topPx / rowPx) - more;
  const last = Math.ceil((topPx + viewPx) / rowPx) - 1 + more;
  return [Math.max(0, first), Math.min(rowCount - 1, last)];
}

/**
 * Each part of the list has a shift of its own, so that small steps change it seldom: 0 for the
 * first, and for the last one what brings the list's end to that of the element.
 */
function shiftAt(list: LongList, topPx: number): number {
  const { wholePx, roomPx, viewPx } = sizesOf(list);
  if (wholePx <= roomPx) return 0;
  const partPx = roomPx / PAGES;
  // The last one is that in which the list stands at its end.
  const parts = Math.floor((wholePx - viewPx) / partPx) + 1;
  const part = Math.min(parts - 1, Math.floor(topPx / partPx));
  return Math.round((part * (wholePx - roomPx)) / (parts - 1));
}

function sizesOf(list: LongList): { wholePx: number; roomPx: number; viewPx: number } {
  return { wholePx: list.rowCount * list.rowPx, roomPx: roomOf(list), viewPx: list.viewPx };
}
