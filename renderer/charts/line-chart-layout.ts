/** x: epoch milliseconds, or any growing number; y: at least zero. */
export interface ChartPoint {
  readonly x: number;
  readonly y: number;
}

export interface LineLayout {
  /** SVG paths. */
  readonly line: string;
  readonly area: string;
  readonly peak: { readonly x: number; readonly y: number; readonly value: number };
}

interface LineOptions {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly stepped: boolean;
}

/** Undefined where there is no line to draw: fewer than two points, or no room. */
export function linePath(
  points: readonly ChartPoint[],
  { widthPx, heightPx, stepped }: LineOptions,
): LineLayout | undefined {
  const shown = thinned(points, Math.floor(widthPx));
  const first = shown[0];
  const last = shown.at(-1);
  if (!first || !last || shown.length < 2 || widthPx <= 0 || last.x <= first.x) return undefined;
  const most = shown.reduce((max, point) => Math.max(max, point.y), 0);
  const x = (point: ChartPoint): number => ((point.x - first.x) / (last.x - first.x)) * widthPx;
  const y = (point: ChartPoint): number =>
    most === 0 ? heightPx : heightPx - (point.y / most) * heightPx;
  const steps = shown.map((point, i) => {
    const to = `${round(x(point))} ${round(y(point))}`;
    if (i === 0) return `M${to}`;
    return stepped ? `H${round(x(point))}V${round(y(point))}` : `L${to}`;
  });
  const line = steps.join('');
  const peak = shown.find((point) => point.y === most)!;
  return {
    line,
    area: `${line}L${round(widthPx)} ${heightPx}L0 ${heightPx}Z`,
    peak: { x: round(x(peak)), y: round(y(peak)), value: peak.y },
  };
}

/** No more points than pixels: of each group the highest, so that no peak is lost. */
function thinned(points: readonly ChartPoint[], most: number): readonly ChartPoint[] {
  if (points.length <= Math.max(2, most)) return points;
  const each = Math.ceil(points.length / Math.max(1, most - 2));
  const inner = points.slice(1, -1);
  const chosen: ChartPoint[] = [];
  for (let i = 0; i < inner.length; i += each) {
    chosen.push(inner.slice(i, i + each).reduce((max, point) => (point.y > max.y ? point : max)));
  }
  return [points[0]!, ...chosen, points.at(-1)!];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
