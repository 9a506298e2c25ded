import { useElementSize } from '@mantine/hooks';
import { useMemo, type ReactElement } from 'react';
import { linePath, type ChartPoint } from './line-chart-layout.ts';
import styles from './line-chart.module.css';

interface LineChartProps {
  /** In order of x. */
  readonly points: readonly ChartPoint[];
  /** What it shows, with its figures: those who do not see it read this. */
  readonly label: string;
  readonly formatY: (y: number) => string;
  readonly formatX: (x: number) => string;
  readonly heightPx?: number;
  /** The line goes up in steps: a value holds until the next. */
  readonly stepped?: boolean;
}

const TOP_PX = 18;

/** One quantity over time: a line on its bed, named where it is highest and where it ends. */
export function LineChart(props: LineChartProps): ReactElement {
  const { points, label, formatX, formatY, heightPx = 96, stepped = false } = props;
  const { ref, width } = useElementSize<HTMLDivElement>();
  const layout = useMemo(
    () => linePath(points, { widthPx: width, heightPx: heightPx - TOP_PX, stepped }),
    [points, width, heightPx, stepped],
  );
  const first = points[0];
  const last = points.at(-1);
  return (
    <div ref={ref} role="img" aria-label={label} className={styles.chart}>
      {layout && (
        <>
          <svg width={width} height={heightPx} aria-hidden="true">
            <g transform={`translate(0 ${TOP_PX})`}>
              <path className={styles.area} d={layout.area} />
              <path className={styles.line} d={layout.line} />
              <circle className={styles.dot} cx={layout.peak.x} cy={layout.peak.y} r={3} />
            </g>
          </svg>
          <span
            className={styles.peak}
            style={
              layout.peak.x > width / 2 ? { right: width - layout.peak.x } : { left: layout.peak.x }
            }
          >
            {formatY(layout.peak.value)}
          </span>
        </>
      )}
      {first && last && (
        <div className={styles.ends}>
          <span>{formatX(first.x)}</span>
          <span>{formatX(last.x)}</span>
        </div>
      )}
    </div>
  );
}
