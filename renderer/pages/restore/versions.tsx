import type { ReactElement } from 'react';
import type { EntryRef, FileVersion } from '../../../shared/model/entry.ts';
import { useAsk } from '../../bridge/queries.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Moment, Size } from '../../parts/figures.tsx';
import { t } from '../../text/index.ts';
import styles from './restore.module.css';

const SHOWN = 50;

interface VersionsProps {
  readonly at: EntryRef;
  readonly takenAtMs: number;
}

/** The versions that differ, newest first; points that hold the same content are left out. */
export function Versions({ at, takenAtMs }: VersionsProps): ReactElement {
  const versions = useAsk('file.versions', at, { keep: true });
  const list = distinct(versions.data ?? []);
  return (
    <section aria-labelledby="versions">
      <h3 id="versions" className={styles.heading}>
        {t('versions.title')}
      </h3>
      {versions.error && <ErrorNotice error={versions.error} urgent={false} />}
      {versions.isPending && <p className="quiet">{t('versions.looking')}</p>}
      {versions.data && list.length === 0 && <p className="quiet">{t('versions.none')}</p>}
      <ul className={styles.versions}>
        {list.slice(0, SHOWN).map((version) => (
          <li
            key={`${version.pointId} ${version.volumeId}`}
            data-here={version.takenAtMs === takenAtMs || undefined}
          >
            <span>
              <Moment at={version.takenAtMs} />
              {version.takenAtMs === takenAtMs && <em>{t('versions.this')}</em>}
            </span>
            {version.exists ? (
              <Size bytes={version.sizeBytes} />
            ) : (
              <span>{t('versions.absent')}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function distinct(versions: readonly FileVersion[]): FileVersion[] {
  return versions.filter((version, i) => i === versions.length - 1 || !version.sameAsPrevious);
}
