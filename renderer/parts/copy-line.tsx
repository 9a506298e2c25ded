import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { t } from '../text/index.ts';
import styles from './copy-line.module.css';

/** A command line that can be taken along. */
export function CopyLine({ text }: { readonly text: string }): ReactElement {
  return (
    <div className={styles.line}>
      <code tabIndex={0} className={styles.code}>
        {text}
      </code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t('action.copied') : t('action.copy')}>
            <ActionIcon variant="subtle" aria-label={t('action.copyCommand')} onClick={copy}>
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}
