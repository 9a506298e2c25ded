import type { ReactElement } from 'react';
import { formatSize } from '../format/size.ts';
import { formatMoment } from '../format/time.ts';
import { t } from '../text/index.ts';
import {
  layersOf,
  TONES,
  type Band,
  type SampleLayout,
  type SamplePoint,
  type SampleTone,
} from './core-sample-layout.ts';
import styles from './core-sample.module.css';

interface BandsProps {
  readonly layout: SampleLayout;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly chosen?: Band | undefined;
  /** The moments are told under the pointer. */
  readonly named?: readonly SamplePoint[];
}

/** The bands and gaps of a core sample; with `named` each band tells its moments. */
export function Bands({ layout, widthPx, heightPx, chosen, named }: BandsProps): ReactElement {
  return (
    <svg width={widthPx} height={heightPx} aria-hidden="true">
      {named
        ? layout.bands.map((band) => (
            <g key={band.first}>
              <title>{bandWords(band, named)}</title>
              {band === chosen ? (
                <path className={styles.chosen} d={outline(band, 0, heightPx)} />
              ) : (
                layersOf(band, heightPx).map(({ tone, y, height }) => (
                  <path key={tone} className={styles[tone]} d={outline(band, y, height)} />
                ))
              )}
            </g>
          ))
        : TONES.map((tone) => (
            <path key={tone} className={styles[tone]} d={outlines(layout.bands, tone, heightPx)} />
          ))}
      {layout.gaps.map((gap) => (
        <line
          key={gap.x}
          className={styles.gap}
          x1={gap.x + gap.width / 2}
          x2={gap.x + gap.width / 2}
          y1={3}
          y2={heightPx - 3}
        >
          <title>{t('sample.gap', { count: gap.days })}</title>
        </line>
      ))}
    </svg>
  );
}

/**
 * All that bands have of a tone as one shape: a page of 20 sources has 2,400 bands, and making an
 * element of each took most of the time of its first frame.
 */
function outlines(bands: readonly Band[], tone: SampleTone, heightPx: number): string {
  const shapes = bands.flatMap((band) =>
    layersOf(band, heightPx)
      .filter((layer) => layer.tone === tone)
      .map(({ y, height }) => outline(band, y, height)),
  );
  return shapes.join('');
}

const CORNER_PX = 1;

/** A band, or a layer of it, with round corners, as the data of an SVG path. */
function outline({ x, width }: Band, y: number, height: number): string {
  const [across, down] = [px(width - 2 * CORNER_PX), px(height - 2 * CORNER_PX)];
  const corner = (dx: number, dy: number): string =>
    `a${CORNER_PX} ${CORNER_PX} 0 0 1 ${dx * CORNER_PX} ${dy * CORNER_PX}`;
  return (
    `M${px(x + CORNER_PX)} ${px(y)}h${across}${corner(1, 1)}v${down}${corner(-1, 1)}` +
    `h${-across}${corner(-1, -1)}v${-down}${corner(1, -1)}z`
  );
}

/** More digits are not seen. */
function px(value: number): number {
  return Math.round(value * 100) / 100;
}

/** One moment with what changed, or from when to when and how many. */
function bandWords(band: Band, points: readonly SamplePoint[]): string {
  const now = Date.now();
  const [from, to] = [points[band.first], points[band.last]];
  if (!from || !to) return '';
  const moment = formatMoment({ at: from.at, now });
  if (band.first === band.last) {
    return from.changedBytes === null
      ? moment
      : t('sample.changed', { moment, size: formatSize(from.changedBytes) });
  }
  const count = band.last - band.first + 1;
  return t('sample.joined', { count, from: moment, to: formatMoment({ at: to.at, now }) });
}
