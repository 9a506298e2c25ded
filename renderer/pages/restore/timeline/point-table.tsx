import type { ReactElement } from 'react';
import type { RestorePoint, Source } from '../../../../shared/model/subvolume.ts';
import { placesOf } from '../../../model/sentences.ts';
import { sourceName } from '../../../model/sources.ts';
import { Dialog } from '../../../parts/dialog.tsx';
import { Moment, Size } from '../../../parts/figures.tsx';
import { SortedGrid, type SortedColumn } from '../../../parts/sorted-grid.tsx';
import { t } from '../../../text/index.ts';
import styles from './timeline.module.css';

interface PointTableProps {
  readonly source: Source;
  readonly point: RestorePoint;
  readonly onChoose: (pointId: string) => void;
  readonly onClose: () => void;
}

const columns: readonly SortedColumn<RestorePoint>[] = [
  {
    id: 'taken',
    get header() {
      return t('points.columnTaken');
    },
    track: '168px',
    descendingFirst: true,
    value: (point) => point.takenAtMs,
    cell: (point) => <Moment at={point.takenAtMs} />,
  },
  {
    id: 'changed',
    get header() {
      return t('points.columnChanged');
    },
    track: '96px',
    align: 'end',
    descendingFirst: true,
    value: (point) => point.backup?.bytes ?? -1,
    cell: (point) => (point.backup ? <Size bytes={point.backup.bytes} /> : t('points.notCounted')),
  },
  {
    id: 'places',
    get header() {
      return t('points.columnPlaces');
    },
    track: 'minmax(0, 1fr)',
    value: placesOf,
    cell: placesOf,
  },
];

/** The core sample as a table: every point, what changed, where it is kept. */
export function PointTable({ source, point, onChoose, onClose }: PointTableProps): ReactElement {
  const name = sourceName(source);
  return (
    <Dialog onClose={onClose} size={720} title={t('points.title', { name })}>
      <div className={styles.points}>
        <SortedGrid
          label={t('points.title', { name })}
          columns={columns}
          rows={source.points}
          rowKey={(each) => each.pointId}
          currentKey={point.pointId}
          onCurrent={(each) => onChoose(each.pointId)}
          sortedBy={{ id: 'taken', desc: true }}
          autoFocus
        />
      </div>
    </Dialog>
  );
}
