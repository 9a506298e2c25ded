import type { ReactElement } from 'react';
import { printable } from '../../../../shared/model/bytes-text.ts';
import type { HealCopy, HealFile } from '../../../../shared/model/heal.ts';
import { formatSize } from '../../../format/size.ts';
import { formatMoment } from '../../../format/time.ts';
import { above } from '../../../parts/folder-grid.tsx';
import { ToneMark } from '../../../parts/notice.tsx';
import { PathText } from '../../../parts/path-text.tsx';
import type { GridColumn } from '../../../parts/virtual-grid.tsx';
import { t } from '../../../text/index.ts';
import styles from './heal.module.css';

export const healColumns: readonly GridColumn<HealFile>[] = [
  {
    id: 'path',
    get header() {
      return t('folder.columnName');
    },
    track: 'minmax(0, 1fr)',
    cell: ({ path }) => (
      <span className={styles.file}>
        <bdi>{printable(path.split('/').at(-1)!)}</bdi>
        <span className="quiet">
          <PathText value={above(path)} clip />
        </span>
      </span>
    ),
  },
  {
    id: 'lost',
    get header() {
      return t('heal.columnLost');
    },
    track: '160px',
    align: 'end',
    cell: ({ lostBytes, sizeBytes }) => (
      <span className="figure">
        {t('heal.lostOf', { lost: formatSize(lostBytes), size: formatSize(sizeBytes) })}
      </span>
    ),
  },
  {
    id: 'copy',
    get header() {
      return t('heal.columnCopy');
    },
    track: 'minmax(0, 2.4fr)',
    cell: (file) => <BestCopy file={file} />,
  },
];

/** The first copy has the most of what is lost. */
function BestCopy({ file }: { readonly file: HealFile }): ReactElement {
  const good = file.copies.filter(({ goodBytes }) => goodBytes > 0);
  const [best] = good;
  if (!best) {
    return (
      <span className={styles.copy}>
        <ToneMark tone="failed" size={16} /> {t('heal.noCopy')}
      </span>
    );
  }
  const more = good.length - 1;
  return (
    <span className={styles.copy}>
      <ToneMark tone={file.isHealable ? 'proven' : 'needs-you'} size={16} />
      <span>
        {copyWords(best)} {more > 0 && t('heal.more', { count: more })}
        {!file.isHealable && ` ${t('heal.partly')}`}
      </span>
    </span>
  );
}

function copyWords({ name, where, takenAtMs, proof }: HealCopy): string {
  const moment =
    takenAtMs === null ? printable(name) : formatMoment({ at: takenAtMs, now: Date.now() });
  return t(proof === 'checksum' ? 'heal.byChecksum' : 'heal.bySame', { moment, where });
}
