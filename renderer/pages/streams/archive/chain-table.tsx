import type { ReactElement } from 'react';
import type { ArchivePoint } from '../../../../shared/model/archive.ts';
import { printable } from '../../../../shared/model/bytes-text.ts';
import { Moment, Size } from '../../../parts/figures.tsx';
import { ToneMark } from '../../../parts/notice.tsx';
import { VirtualGrid, type GridColumn } from '../../../parts/virtual-grid.tsx';
import { t } from '../../../text/index.ts';
import styles from '../streams.module.css';

export interface ChainRow {
  readonly sourceFolder: string;
  readonly sourceTitle: string;
  readonly point: ArchivePoint;
}

interface ChainTableProps {
  /** Newest first. */
  readonly rows: readonly ChainRow[];
  readonly chosen: ChainRow | null;
  readonly onChoose: (row: ChainRow) => void;
}

/** Every point with what it builds on: a full one begins a chain, an increment hangs on it. */
export function ChainTable({ rows, chosen, onChoose }: ChainTableProps): ReactElement {
  const current = rows.findIndex(
    ({ sourceFolder, point }) =>
      chosen !== null && sourceFolder === chosen.sourceFolder && point.base === chosen.point.base,
  );
  return (
    <div className={styles.chain}>
      <VirtualGrid
        label={t('archive.chain')}
        columns={columns}
        rowCount={rows.length}
        row={(index) => rows[index]}
        current={current}
        onCurrent={(index) => rows[index] && onChoose(rows[index])}
        rowPx={48}
      />
    </div>
  );
}

const columns: readonly GridColumn<ChainRow>[] = [
  {
    id: 'point',
    get header() {
      return t('archive.columnPoint');
    },
    // A day, a month and a time of day.
    track: 'minmax(172px, 1fr)',
    cell: ({ sourceTitle, point }) => (
      <span className={styles.point} title={printable(point.name)}>
        <span className={`${styles.link} chart-mark`} data-kind={point.kind} aria-hidden="true" />
        <span className={styles.pointWords}>
          <Moment at={point.takenAtMs} />
          <bdi>{printable(sourceTitle)}</bdi>
        </span>
      </span>
    ),
  },
  {
    id: 'kind',
    get header() {
      return t('archive.columnKind');
    },
    track: 'minmax(0, 1fr)',
    fromPx: 420,
    cell: ({ point }) => <Kind point={point} />,
  },
  {
    id: 'size',
    get header() {
      return t('archive.columnSize');
    },
    track: '88px',
    align: 'end',
    cell: ({ point }) => <Size bytes={point.fileBytes} />,
  },
];

function Kind({ point }: { readonly point: ArchivePoint }): ReactElement {
  const { kind, parentName, isRestorable, isSynthetic } = point;
  if (!isRestorable)
    return (
      <span className={styles.broken}>
        <ToneMark tone="failed" size={15} /> {t('archive.broken')}
      </span>
    );
  if (kind === 'full') {
    return (
      <span className={styles.full}>{t(isSynthetic ? 'archive.synthetic' : 'archive.full')}</span>
    );
  }
  return <>{t('archive.on', { name: printable(parentName ?? '') })}</>;
}
