import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { t } from '../text/index.ts';
import styles from './error-notice.module.css';
import { Notice } from './notice.tsx';

interface ReloadNoticeProps {
  readonly what: string;
  readonly meaning: string;
  /** For a report of the fault: not for people. */
  readonly code?: string;
}

/** A part of the page is not there; all that helps is to load the page again. */
export function ReloadNotice({ what, meaning, code }: ReloadNoticeProps): ReactElement {
  return (
    <div className={styles.inset}>
      <Notice
        tone="failed"
        urgent
        actions={
          <Button variant="default" size="xs" onClick={() => location.reload()}>
            {t('state.reload')}
          </Button>
        }
      >
        <p className="plain">{what}</p>
        <p className="plain">{meaning}</p>
        {code && (
          <p className={styles.code} translate="no" lang="en">
            {code}
          </p>
        )}
      </Notice>
    </div>
  );
}
