import { Button, Group } from '@mantine/core';
import type { ReactElement } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import { useAsk } from '../../bridge/queries.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Notice } from '../../parts/notice.tsx';
import { RunRow } from '../../parts/run-row.tsx';
import { joinWords, t } from '../../text/index.ts';
import { Findings } from './findings.tsx';
import styles from './rescue.module.css';

interface LookingProps {
  readonly runId: string;
  readonly paths: readonly string[];
  readonly homePath: string;
  readonly onAgain: () => void;
}

/** The search for a way in; then what was found, or why nothing was. */
export function Looking({ runId, paths, homePath, onAgain }: LookingProps): ReactElement {
  const run = useAsk('runs.get', { runId });
  const state = run.data?.state;
  const found = useAsk('rescue.found', { runId }, { enabled: state === 'done', staleMs: Infinity });
  const disk = joinWords(paths.map(printable));
  return (
    <>
      <h2 className={styles.question}>{t('rescue.disk', { disk })}</h2>
      {run.error && <ErrorNotice error={run.error} />}
      {run.data && state === 'running' && (
        <>
          <p className={styles.lead}>{t('rescue.looking')}</p>
          <RunRow run={run.data} />
        </>
      )}
      {state === 'cancelled' && <Notice tone="plain">{t('rescue.stopped')}</Notice>}
      {run.data?.error && state === 'failed' && <ErrorNotice error={run.data.error} />}
      {found.error && <ErrorNotice error={found.error} />}
      {found.data && <Findings runId={runId} look={found.data} paths={paths} homePath={homePath} />}
      {state !== undefined && state !== 'running' && (
        <Group>
          <Button variant="default" onClick={onAgain}>
            {t('rescue.other')}
          </Button>
        </Group>
      )}
    </>
  );
}
