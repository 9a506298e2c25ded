import { useElementSize } from '@mantine/hooks';
import type { Beside } from './grid-tracks.ts';

/** As in detail-pane.module.css. */
const PANE_PX = 400;
const WIDE_PANE_PX = 480;
const WIDE_WINDOW_PX = 1600;

/**
 * For a list that a pane comes beside when a row is chosen: `ref` goes to what holds both, the
 * rest to the list.
 */
export function useBesidePane(isOpen: boolean): {
  readonly ref: (node: HTMLDivElement | null) => void;
  readonly beside: Beside;
} {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const panePx = window.innerWidth >= WIDE_WINDOW_PX ? WIDE_PANE_PX : PANE_PX;
  return { ref, beside: { wholePx: width, panePx, isOpen } };
}
