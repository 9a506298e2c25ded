import {
  createSortedRowModel,
  rowSortingFeature,
  sortFns,
  tableFeatures,
  useTable,
  type ColumnDef,
} from '@tanstack/react-table';
import { useCallback, useMemo, type ReactElement, type ReactNode } from 'react';
import type { Beside } from './grid-tracks.ts';
import { VirtualGrid, type GridColumn } from './virtual-grid.tsx';

export interface SortedColumn<Row> {
  readonly id: string;
  readonly header: string;
  readonly track: string;
  readonly align?: 'end';
  /** Left out where the grid is narrower than this. */
  readonly fromPx?: number;
  /** What the column sorts by. */
  readonly value: (row: Row) => string | number;
  readonly cell: (row: Row) => ReactNode;
  /** Largest or newest first on the first click. */
  readonly descendingFirst?: boolean;
}

interface SortedGridProps<Row> {
  readonly label: string;
  readonly columns: readonly SortedColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly currentKey: string | null;
  readonly onCurrent: (row: Row) => void;
  /** How it is sorted at first; without it rows stand in the order they came. */
  readonly sortedBy?: { readonly id: string; readonly desc: boolean };
  readonly rowPx?: number;
  readonly beside?: Beside;
  /** In a dialog: the keyboard begins in it. */
  readonly autoFocus?: boolean;
}

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns,
});

/** A virtual grid over rows that are all here, sorted by a click on a column's head. */
export function SortedGrid<Row extends object>(props: SortedGridProps<Row>): ReactElement {
  const { columns, rows, rowKey, currentKey, onCurrent, sortedBy } = props;
  const definitions = useMemo(() => columns.map((c) => definition(c)), [columns]);
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({
    features,
    columns: definitions,
    data,
    getRowId: rowKey,
    initialState: { sorting: sortedBy ? [sortedBy] : [] },
    enableSortingRemoval: false,
  });
  const sorted = table.getRowModel().rows;
  const current = sorted.findIndex((row) => row.id === currentKey);
  const rowAt = useCallback((index: number) => sorted[index]?.original, [sorted]);
  const gridColumns: GridColumn<Row>[] = columns.map((column) => ({
    id: column.id,
    header: column.header,
    track: column.track,
    ...(column.align ? { align: column.align } : {}),
    ...(column.fromPx ? { fromPx: column.fromPx } : {}),
    cell: column.cell,
    sort: {
      direction: table.getColumn(column.id)?.getIsSorted() ?? false,
      toggle: () => table.getColumn(column.id)?.toggleSorting(),
    },
  }));
  return (
    <VirtualGrid
      label={props.label}
      columns={gridColumns}
      rowCount={sorted.length}
      row={rowAt}
      current={current}
      onCurrent={(index) => {
        const row = sorted[index];
        if (row) onCurrent(row.original);
      }}
      rowPx={props.rowPx ?? 36}
      beside={props.beside}
      autoFocus={props.autoFocus ?? false}
    />
  );
}

function definition<Row extends object>(
  column: SortedColumn<Row>,
): ColumnDef<typeof features, Row> {
  return {
    id: column.id,
    header: column.header,
    accessorFn: (row: Row) => column.value(row),
    sortDescFirst: column.descendingFirst ?? false,
  };
}
