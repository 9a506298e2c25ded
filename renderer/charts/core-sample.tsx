import { useElementSize } from '@mantine/hooks';
import { useMemo, type KeyboardEvent, type PointerEvent, type ReactElement } from 'react';
import { formatMoment } from '../format/time.ts';
import { Bands } from './bands.tsx';
import {
  layoutSample,
  type Band,
  type SampleLayout,
  type SamplePoint,
} from './core-sample-layout.ts';
import styles from './core-sample.module.css';

const DAY_MS = 86_400_000;

interface SampleProps {
  /** Oldest first. */
  readonly points: readonly SamplePoint[];
  readonly heightPx?: number;
  readonly label: string;
}

/** The one picture: a band for each restore point. As an image, with its summary as the label. */
export function CoreSample({ points, heightPx = 28, label }: SampleProps): ReactElement {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const layout = useSample(points, width);
  return (
    <div role="img" aria-label={label}>
      <div ref={ref} className={styles.strip}>
        <Bands layout={layout} widthPx={width} heightPx={heightPx} />
      </div>
      <Ticks points={points} layout={layout} widthPx={width} />
    </div>
  );
}

interface SliderProps extends SampleProps {
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
  /** The keyboard goes past the first (-1) or the last (1) that is shown. */
  readonly onBeyond?: (step: -1 | 1) => void;
  /** The chosen point in words, for those who hear the page. */
  readonly valueText: string;
}

/** The same strip as a control: arrows, Page, Home and End move through the points. */
export function CoreSampleSlider(props: SliderProps): ReactElement {
  const { points, heightPx = 44, label, chosen, onChoose, onBeyond, valueText } = props;
  const { ref, width } = useElementSize<HTMLDivElement>();
  const layout = useSample(points, width);
  const band = layout.bands.find((b) => b.first <= chosen && chosen <= b.last);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = movedBy(event.key, chosen, points.length);
    if (next === undefined) return;
    event.preventDefault();
    const isStep = event.key.startsWith('Arrow');
    if (isStep && next === chosen) onBeyond?.(chosen === 0 && isBack(event.key) ? -1 : 1);
    else onChoose(next);
  };
  const onPointer = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.type === 'pointermove' && event.buttons !== 1) return;
    const at = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const index = pointAt(layout.bands, at);
    if (index !== undefined && index !== chosen) onChoose(index);
  };
  return (
    <div>
      <div
        ref={ref}
        className={`${styles.strip} ${styles.slider}`}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={1}
        aria-valuemax={Math.max(1, points.length)}
        aria-valuenow={chosen + 1}
        aria-valuetext={valueText}
        onKeyDown={onKeyDown}
        onPointerDown={onPointer}
        onPointerMove={onPointer}
      >
        <Bands layout={layout} widthPx={width} heightPx={heightPx} chosen={band} named={points} />
        {band && <div className={styles.marker} style={{ left: band.x + band.width / 2 - 1 }} />}
      </div>
      <Ticks points={points} layout={layout} widthPx={width} />
    </div>
  );
}

function useSample(points: readonly SamplePoint[], widthPx: number): SampleLayout {
  return useMemo(
    () => layoutSample(points, { widthPx, gapAfterMs: gapAfter(points) }),
    [points, widthPx],
  );
}

/** A pause is a gap when it is longer than a day and half again the source's usual pause. */
function gapAfter(points: readonly SamplePoint[]): number {
  const pauses = points.slice(1).map((point, i) => point.at - points[i]!.at);
  pauses.sort((a, b) => a - b);
  const usual = pauses[Math.floor(pauses.length / 2)] ?? 0;
  return Math.max(1.5 * DAY_MS, 1.5 * usual);
}

function Ticks({
  points,
  layout,
  widthPx,
}: {
  readonly points: readonly SamplePoint[];
  readonly layout: SampleLayout;
  readonly widthPx: number;
}): ReactElement {
  const first = points[0];
  const last = points.at(-1);
  const lastBand = layout.bands.at(-1);
  if (!first || !last || !lastBand) return <div className={styles.ticks} />;
  const now = Date.now();
  const end = Math.min(widthPx, lastBand.x + lastBand.width);
  return (
    <div className={styles.ticks} aria-hidden="true">
      <span style={{ left: 0 }}>{formatMoment({ at: first.at, now })}</span>
      {points.length > 1 && end > 300 && (
        <span style={{ right: widthPx - end }}>{formatMoment({ at: last.at, now })}</span>
      )}
    </div>
  );
}

function movedBy(key: string, index: number, count: number): number | undefined {
  const page = Math.max(1, Math.round(count / 10));
  const moves: Record<string, number> = {
    ArrowLeft: index - 1,
    ArrowDown: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index + 1,
    PageDown: index - page,
    PageUp: index + page,
    Home: 0,
    End: count - 1,
  };
  const next = moves[key];
  return next === undefined ? undefined : Math.min(count - 1, Math.max(0, next));
}

function isBack(key: string): boolean {
  return key === 'ArrowLeft' || key === 'ArrowDown';
}

function pointAt(bands: readonly Band[], x: number): number | undefined {
  const band = bands.find((b, i) => x < b.x + b.width + 1 || i === bands.length - 1);
  if (!band) return undefined;
  const share = Math.min(1, Math.max(0, (x - band.x) / band.width));
  return Math.min(band.last, band.first + Math.floor(share * (band.last - band.first + 1)));
}
