import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useConnection, useConnectionState } from '../bridge/queries.ts';
import { t } from '../text/index.ts';
import { Notice } from './notice.tsx';
import styles from './shell.module.css';

/** Shown while the service cannot be reached: what that means, and that it is being retried. */
export function ConnectionBanner(): ReactElement | null {
  const connection = useConnection();
  const state = useConnectionState();
  if (state !== 'gone') return null;
  return (
    <div className={styles.banner}>
      <Notice
        tone="failed"
        urgent
        actions={
          <Button size="xs" variant="default" onClick={() => connection.retry()}>
            {t('action.tryAgain')}
          </Button>
        }
      >
        <strong>{t('connection.gone')}</strong> {t('connection.goneMeaning')}
      </Notice>
    </div>
  );
}
