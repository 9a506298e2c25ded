/** What of a column decides where it stands. */
interface Tracked {
  /** A CSS grid track: `minmax(0, 1fr)`, `96px`. */
  readonly track: string;
  /** Left out where the list is narrower than this. */
  readonly fromPx?: number;
}

/** A list that a pane comes beside: its columns stand where they stand with the pane. */
export interface Beside {
  /** Of list and pane together; 0 before it is known. */
  readonly wholePx: number;
  readonly panePx: number;
  readonly isOpen: boolean;
}

export interface Tracks<Column> {
  readonly columns: readonly Column[];
  /** `grid-template-columns`. */
  readonly template: string;
  /** How much of the list lies where the pane will be. */
  readonly roomPx: number;
}

/** As in virtual-grid.module.css. */
const GAP_PX = 16;

/**
 * The columns of a list, and where they are. Where a pane is yet to come, those that there is room
 * for beside it stand as they will then; what it will cover has others, as many as fit, and they go
 * when it comes: no column moves.
 *
 * @param columns those that `fromPx` leaves out the longest come last
 */
export function tracksOf<Column extends Tracked>(
  columns: readonly Column[],
  widthPx: number,
  beside?: Beside,
): Tracks<Column> {
  const mainPx = beside ? Math.min(widthPx, beside.wholePx - beside.panePx) : widthPx;
  const main = columns.filter(({ fromPx = 0 }) => mainPx >= fromPx);
  const roomPx = beside && !beside.isOpen ? Math.max(0, widthPx - mainPx) : 0;
  const extra: Column[] = [];
  let leftPx = roomPx;
  for (const column of columns.filter((one) => !main.includes(one))) {
    const takenPx = parseFloat(column.track) + GAP_PX;
    if (takenPx > leftPx) break;
    extra.push(column);
    leftPx -= takenPx;
  }
  const tracks = [...main, ...extra].map(({ track }) => track);
  // What is left over holds the others where they are.
  if (leftPx > GAP_PX) tracks.push(`${leftPx - GAP_PX}px`);
  return { columns: [...main, ...extra], template: tracks.join(' '), roomPx };
}
