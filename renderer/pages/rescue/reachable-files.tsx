import { useState, type ReactElement } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { RescueList } from '../../../shared/model/rescue.ts';
import { usePagedRows } from '../../bridge/paged-rows.ts';
import { formatCount } from '../../format/size.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Moment, Size } from '../../parts/figures.tsx';
import { PathText } from '../../parts/path-text.tsx';
import { VirtualGrid, type GridColumn } from '../../parts/virtual-grid.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import styles from './rescue.module.css';
import { NotedText } from '../../parts/noted.tsx';

type Reachable = RescueList['files'][number];

interface ReachableFilesProps {
  readonly runId: string;
  readonly subvolumeId: number;
  readonly name: string;
  readonly onClose: () => void;
}

/** Every file that can still be reached, and what is wrong with those that cannot be read. */
export function ReachableFiles(props: ReachableFilesProps): ReactElement {
  const { runId, subvolumeId, name, onClose } = props;
  const [current, setCurrent] = useState(-1);
  const rows = usePagedRows({
    call: 'rescue.list',
    input: (offset, limit) => ({ runId, subvolumeId, path: '', offset, limit }),
    rows: ({ files }) => files,
    total: ({ total }) => total,
  });
  const title = t('rescue.filesOf', { name: name === '' ? t('rescue.top') : printable(name) });
  return (
    <Dialog onClose={onClose} size={920} title={title}>
      {rows.error && <ErrorNotice error={rows.error} />}
      {!rows.error && rows.total === undefined && <Waiting rows={8} rowPx={36} />}
      {rows.total !== undefined && (
        <>
          <p className="quiet" role="status">
            {t('rescue.count', { count: rows.total, number: formatCount(rows.total) })}
          </p>
          <div className={styles.files}>
            <VirtualGrid
              label={title}
              columns={columns}
              rowCount={rows.total}
              row={rows.row}
              current={current}
              onCurrent={setCurrent}
              onRange={rows.setRange}
            />
          </div>
        </>
      )}
    </Dialog>
  );
}

const columns: readonly GridColumn<Reachable>[] = [
  {
    id: 'path',
    get header() {
      return t('folder.columnName');
    },
    track: 'minmax(0, 1fr)',
    cell: ({ path }) => <PathText value={path} clip />,
  },
  {
    id: 'size',
    get header() {
      return t('folder.columnSize');
    },
    track: '88px',
    align: 'end',
    cell: ({ sizeBytes, type }) =>
      sizeBytes === null || type !== 'file' ? '' : <Size bytes={sizeBytes} />,
  },
  {
    id: 'modified',
    get header() {
      return t('folder.columnModified');
    },
    track: '160px',
    cell: ({ modifiedAtMs }) => (modifiedAtMs === null ? '' : <Moment at={modifiedAtMs} />),
  },
  {
    id: 'problem',
    get header() {
      return t('rescue.columnProblem');
    },
    track: '200px',
    cell: ({ problem }) => (problem === null ? '' : <NotedText note={problem} />),
  },
];
