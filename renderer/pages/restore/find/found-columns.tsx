import type { ReactElement } from 'react';
import { printable } from '../../../../shared/model/bytes-text.ts';
import type { CatalogueEntry } from '../../../../shared/model/catalogue.ts';
import { formatCount } from '../../../format/size.ts';
import { Moment, Size } from '../../../parts/figures.tsx';
import { ToneMark } from '../../../parts/notice.tsx';
import { above, below } from '../../../parts/folder-grid.tsx';
import { PathText } from '../../../parts/path-text.tsx';
import type { GridColumn } from '../../../parts/virtual-grid.tsx';
import { joinWords, t } from '../../../text/index.ts';
import styles from './find.module.css';

export const foundColumns: readonly GridColumn<CatalogueEntry>[] = [
  {
    id: 'path',
    get header() {
      return t('find.columnPath');
    },
    track: 'minmax(0, 1fr)',
    cell: (entry) => (
      <span className={styles.found}>
        <bdi className={styles.name}>{printable(entry.path.split('/').at(-1)!)}</bdi>
        <span className={styles.of}>
          <PathText value={below(entry.sourceName, above(entry.path))} clip />
        </span>
      </span>
    ),
  },
  {
    id: 'size',
    get header() {
      return t('folder.columnSize');
    },
    track: '80px',
    align: 'end',
    cell: (entry) => (entry.type === 'file' ? <Size bytes={entry.sizeBytes} /> : ''),
  },
  {
    id: 'versions',
    get header() {
      return t('find.columnVersions');
    },
    track: '72px',
    align: 'end',
    fromPx: 640,
    cell: ({ versions }) => <span className="figure">{formatCount(versions)}</span>,
  },
  {
    id: 'last',
    get header() {
      return t('find.columnLast');
    },
    track: '168px',
    fromPx: 520,
    cell: ({ lastPointMs, isDeleted }) => (
      <span className={styles.found}>
        <Moment at={lastPointMs} />
        {isDeleted && <span className={styles.gone}>{t('find.isDeleted')}</span>}
      </span>
    ),
  },
  {
    id: 'where',
    get header() {
      return t('find.columnWhere');
    },
    track: '200px',
    fromPx: 800,
    cell: (entry) => <Where entry={entry} />,
  },
];

/** Where its newest version can be read, and whether that place is here now. */
export function Where({ entry }: { readonly entry: CatalogueEntry }): ReactElement {
  const here = entry.copies.filter(({ present }) => present);
  const shown = here.length > 0 ? here : entry.copies;
  const names = joinWords([...new Set(shown.map(({ volumeName }) => volumeName))]);
  return (
    <span className={styles.where}>
      <ToneMark tone={here.length > 0 ? 'proven' : 'away'} size={15} />
      <span>{here.length > 0 ? names : t('place.driveAway', { name: names })}</span>
    </span>
  );
}
