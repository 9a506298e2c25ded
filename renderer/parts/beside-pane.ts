import { useElementSize } from '@mantine/hooks';
import type { Beside } from './grid-tracks.ts';

/** As in detail-pane.module.css: below the first it lies over the list. */
const BESIDE_WINDOW_PX = 721;
const PANE_PX = 400;
const WIDE_PANE_PX = 480;
const WIDE_WINDOW_PX = 1600;

/**
 * For a list that a pane comes beside when a row is chosen: `ref` goes to what holds both, the
 * rest to the list.
 *
 * @param fromPx the narrowest window in which it comes beside, where that is another
 */
export function useBesidePane(
  isOpen: boolean,
  fromPx = BESIDE_WINDOW_PX,
): {
  readonly ref: (node: HTMLDivElement | null) => void;
  readonly beside: Beside;
} {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const panePx = paneWidth(window.innerWidth, fromPx);
  return { ref, beside: { wholePx: width, panePx, isOpen } };
}
function paneWidth(windowPx: number, fromPx: number): number {
  if (windowPx < fromPx) return 0;
  return windowPx >= WIDE_WINDOW_PX ? WIDE_PANE_PX : PANE_PX;
}
