import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useAsk } from '../bridge/queries.ts';
import { t } from '../text/index.ts';
import { CopyLine } from './copy-line.tsx';
import { Notice } from './notice.tsx';
import styles from './not-root-notice.module.css';

/** Without administrator rights the drives of this computer stay closed: why, and the way out. */
export function NotRootNotice(): ReactElement | null {
  const info = useAsk('service.info', {});
  const [outcome, setOutcome] = useState<'unlocked' | 'refused' | 'no-helper' | null>(null);
  if (!info.data || info.data.isRoot) return null;
  return (
    <div className={styles.place}>
      <Notice tone="needs-you">
        <strong>{t('notRoot.title', { user: info.data.userName })}</strong>
        <p className={styles.text}>{t('notRoot.text')}</p>
        {window.dendro && outcome !== 'no-helper' && (
          <Button
            variant="default"
            onClick={() => void window.dendro!.unlock().then((came) => setOutcome(came))}
          >
            {t('notRoot.unlock')}
          </Button>
        )}
        <div role="status">
          {outcome === 'no-helper' && <p className={styles.text}>{t('notRoot.noHelper')}</p>}
          {outcome === 'refused' && <p className={styles.text}>{t('notRoot.refused')}</p>}
        </div>
        <CopyLine text={`sudo ${info.data.command} serve`} />
      </Notice>
    </div>
  );
}
