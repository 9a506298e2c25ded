import type { ReactElement } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import { useAsk } from '../../bridge/queries.ts';
import { formatMoment } from '../../format/time.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Notice } from '../../parts/notice.tsx';
import { t } from '../../text/index.ts';
import styles from './plans.module.css';

/** Where the administrator's plans come from, and what is wrong there. */
export function PlanFileNotice(): ReactElement | null {
  const { data } = useAsk('plans.file', {});
  if (!data || data.path === null) return null;
  if (data.error) {
    return (
      <div className={styles.file}>
        <Notice tone="needs-you">{t('plans.fileWrong')}</Notice>
        <ErrorNotice error={data.error} urgent={false} />
      </div>
    );
  }
  if (data.readAtMs === null) return null;
  return (
    <p className={styles.fileLine}>
      {t('plans.fileHead', {
        path: printable(data.path),
        moment: formatMoment({ at: data.readAtMs, now: Date.now() }),
      })}
    </p>
  );
}
