import { Skeleton } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import {
  useEffect,
  useId,
  useRef,
  type CSSProperties,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
} from 'react';
import { t } from '../text/index.ts';
import { tracksOf, type Beside } from './grid-tracks.ts';
import { useRowsShown } from './use-rows-shown.ts';
import styles from './virtual-grid.module.css';

export interface GridColumn<Row> {
  readonly id: string;
  readonly header: ReactNode;
  /** A CSS grid track: `minmax(0, 1fr)`, `96px`. */
  readonly track: string;
  readonly align?: 'end';
  readonly cell: (row: Row) => ReactNode;
  /** Left out where the grid is narrower than this. */
  readonly fromPx?: number;
  readonly sort?: { readonly direction: 'asc' | 'desc' | false; readonly toggle: () => void };
}

interface VirtualGridProps<Row> {
  readonly label: string;
  readonly columns: readonly GridColumn<Row>[];
  readonly rowCount: number;
  /** Undefined while the row is on its way. */
  readonly row: (index: number) => Row | undefined;
  readonly rowKey?: (row: Row) => string;
  /** Index of the row that the keyboard is at, -1 for none. */
  readonly current: number;
  readonly onCurrent: (index: number) => void;
  /** Enter, double click. */
  readonly onOpen?: (index: number) => void;
  readonly onBack?: () => void;
  /** Finds the next row whose name starts with what was typed. */
  readonly onType?: (text: string) => void;
  /** Tells which rows are on screen, so that they can be fetched. */
  readonly onRange?: (first: number, last: number) => void;
  readonly rowPx?: number;
  /** A pane comes beside it: its columns stand still then. */
  readonly beside?: Beside | undefined;
  readonly autoFocus?: boolean;
  /** Space, or a box before each row: several rows can be marked for one action. */
  readonly onMark?: (index: number) => void;
  readonly isMarked?: (index: number) => boolean;
  readonly markLabel?: (index: number) => string;
}

const MARK_TRACK = '20px';
/** As in virtual-grid.module.css. */
const HEAD_PX = 32;

/**
 * A table of any length: only the rows on screen exist. One stop for Tab; arrows, Page, Home
 * and End move, Enter opens, Space marks, Backspace goes up, letters jump.
 */
export function VirtualGrid<Row>(props: VirtualGridProps<Row>): ReactElement {
  const { label, rowCount, current, rowPx = 36, onRange } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const size = useElementSize<HTMLDivElement>();
  const frame = useMergedRef(scroller, size.ref);
  const { columns, template, roomPx } = tracksOf(props.columns, size.width, props.beside);
  const id = useId();
  const heightPx = size.height;
  const shown = useRowsShown(scroller, { rowCount, rowPx, headPx: HEAD_PX, heightPx, current });
  const { first, last } = shown;
  useEffect(() => {
    if (last >= first) onRange?.(first, last);
  }, [first, last, onRange]);
  const marks = props.onMark ? [MARK_TRACK] : [];
  const tracks = [...marks, template].join(' ');
  return (
    <div
      ref={frame}
      className={styles.grid}
      role="grid"
      aria-label={label}
      aria-rowcount={rowCount + 1}
      aria-colcount={columns.length + marks.length}
      aria-multiselectable={props.onMark ? true : undefined}
      aria-activedescendant={current >= first && current <= last ? `${id}-${current}` : undefined}
      tabIndex={0}
      data-autofocus={props.autoFocus || undefined}
      style={{ '--room': `${roomPx}px` } as CSSProperties}
      onKeyDown={(event) =>
        onKey(event, props, Math.floor(((scroller.current?.clientHeight ?? 0) - HEAD_PX) / rowPx))
      }
    >
      <div
        className={styles.head}
        role="row"
        aria-rowindex={1}
        style={{ gridTemplateColumns: tracks }}
      >
        {props.onMark && (
          <div role="columnheader" className={styles.headCell}>
            <span className="visually-hidden">{t('folder.columnMark')}</span>
          </div>
        )}
        {columns.map((column) => (
          <HeadCell key={column.id} column={column} />
        ))}
      </div>
      <div role="rowgroup" className={styles.rows} style={{ height: shown.roomPx }}>
        {Array.from({ length: last - first + 1 }, (_, i) => first + i).map((index) => (
          <GridRow
            key={index}
            {...props}
            columns={columns}
            id={`${id}-${index}`}
            index={index}
            topPx={index * rowPx - shown.shiftPx}
            tracks={tracks}
          />
        ))}
      </div>
    </div>
  );
}

function HeadCell<Row>({ column }: { readonly column: GridColumn<Row> }): ReactElement {
  const { sort } = column;
  const order =
    sort?.direction === 'asc' ? 'ascending' : sort?.direction === 'desc' ? 'descending' : 'none';
  return (
    <div
      role="columnheader"
      className={styles.headCell}
      data-align={column.align}
      aria-sort={sort ? order : undefined}
    >
      {sort ? (
        <button type="button" className={styles.sort} onClick={sort.toggle}>
          {column.header}
          <span aria-hidden="true">
            {sort.direction === 'asc' ? ' ↑' : sort.direction === 'desc' ? ' ↓' : ''}
          </span>
        </button>
      ) : (
        column.header
      )}
    </div>
  );
}

interface GridRowProps<Row> extends VirtualGridProps<Row> {
  readonly id: string;
  readonly index: number;
  readonly topPx: number;
  readonly tracks: string;
}

function GridRow<Row>(props: GridRowProps<Row>): ReactElement {
  const { id, index, topPx, tracks, columns, row, current, onCurrent, onOpen, rowPx = 36 } = props;
  const value = row(index);
  const isMarked = props.isMarked?.(index) === true;
  const { onMark } = props;
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={index === current || isMarked}
      data-current={index === current || undefined}
      className={styles.row}
      style={{ transform: `translateY(${topPx}px)`, height: rowPx, gridTemplateColumns: tracks }}
      onClick={(event) => {
        if (onMark && (event.ctrlKey || event.metaKey)) onMark(index);
        onCurrent(index);
      }}
      onDoubleClick={() => onOpen?.(index)}
    >
      {onMark && (
        <div role="gridcell" className={styles.cell}>
          <input
            type="checkbox"
            className={styles.mark}
            // The grid is one stop for Tab; there Space does the same.
            tabIndex={-1}
            aria-label={props.markLabel?.(index)}
            checked={isMarked}
            onChange={() => onMark(index)}
            onClick={(event) => event.stopPropagation()}
          />
        </div>
      )}
      {columns.map((column) => (
        <div key={column.id} role="gridcell" className={styles.cell} data-align={column.align}>
          {value === undefined ? <Skeleton height={12} width="60%" /> : column.cell(value)}
        </div>
      ))}
    </div>
  );
}

function onKey<Row>(event: KeyboardEvent, props: VirtualGridProps<Row>, pageRows: number): void {
  const { current, rowCount, onCurrent, onOpen, onBack, onType, onMark } = props;
  if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey)
    return;
  const moves: Record<string, number> = {
    ArrowDown: current + 1,
    ArrowUp: current - 1,
    PageDown: current + pageRows,
    PageUp: current - pageRows,
    Home: 0,
    End: rowCount - 1,
  };
  const next = moves[event.key];
  if (next !== undefined && rowCount > 0) onCurrent(Math.min(rowCount - 1, Math.max(0, next)));
  else if (event.key === 'Enter' && current >= 0) onOpen?.(current);
  else if (event.key === ' ' && current >= 0 && onMark) onMark(current);
  else if (event.key === 'Backspace' && onBack) onBack();
  else if (event.key.length === 1 && event.key !== ' ' && onType) onType(event.key);
  else return;
  event.preventDefault();
}
