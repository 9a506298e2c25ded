import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { flushSync } from 'react-dom';
import {
  placeOf,
  placeShowing,
  roomOf,
  rowsAt,
  scrolledTo,
  type LongList,
  type ScrollPlace,
} from './long-scroll.ts';

interface RowsShown {
  readonly first: number;
  /** -1 while nothing is shown. */
  readonly last: number;
  /** How far the rows are beyond where the element is scrolled to. */
  readonly shiftPx: number;
}

interface Options extends Omit<LongList, 'viewPx'> {
  /** What stays above the rows, and covers them. */
  readonly headPx: number;
  readonly heightPx: number;
  /** A row to be seen whenever it is another one; -1 for none. */
  readonly current: number;
}

const NONE: RowsShown = { first: 0, last: -1, shiftPx: 0 };
/** Rows drawn beyond the edges, for what is scrolled before it is drawn. */
const MORE = 12;

/** Which rows of a list of any length are to be drawn, and how high what holds them is. */
export function useRowsShown(
  scroller: RefObject<HTMLElement | null>,
  options: Options,
): RowsShown & { readonly roomPx: number } {
  const { rowCount, rowPx, headPx, heightPx, current } = options;
  const [shown, setShown] = useState(NONE);
  const place = useRef<ScrollPlace>({ scrollPx: 0, shiftPx: 0 });
  const list = useRef<LongList>({ rowCount, rowPx, viewPx: 0 });
  const goTo = ({ scrollPx, shiftPx }: ScrollPlace): void => {
    const element = scroller.current;
    if (!element) return;
    if (element.scrollTop !== scrollPx) element.scrollTop = scrollPx;
    // Read back: the browser rounds, and what it tells of it later is no step of a person.
    place.current = { scrollPx: element.scrollTop, shiftPx };
    const [first, last] = rowsAt(list.current, place.current, MORE);
    setShown((now) =>
      now.first === first && now.last === last && now.shiftPx === shiftPx
        ? now
        : { first, last, shiftPx },
    );
  };
  useLayoutEffect(() => {
    const viewPx = Math.max(0, (scroller.current?.clientHeight ?? 0) - headPx);
    list.current = { rowCount, rowPx, viewPx };
    const { scrollPx, shiftPx } = place.current;
    goTo(placeOf(list.current, Math.min(scrollPx, scroller.current?.scrollTop ?? 0) + shiftPx));
  }, [rowCount, rowPx, headPx, heightPx]);
  useEffect(() => {
    if (current >= 0) goTo(placeShowing(list.current, place.current, current));
  }, [current]);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onScroll = (): void =>
      // With the frame that shows it: a frame later there would be a gap.
      flushSync(() => goTo(scrolledTo(list.current, place.current, element.scrollTop)));
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, []);
  return { ...shown, roomPx: roomOf({ rowCount, rowPx, viewPx: 0 }) };
}
