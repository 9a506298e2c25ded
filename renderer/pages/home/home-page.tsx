import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useRunsNow } from '../../bridge/live.ts';
import { useAsk } from '../../bridge/queries.ts';
import { SOURCE_LIST } from '../../bridge/source-list.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { refKey } from '../../model/sources.ts';
import { NotRootNotice } from '../../parts/not-root-notice.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { RunRow } from '../../parts/run-row.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import { useBackup } from '../backup/backup-dialog.tsx';
import { FirstSteps } from './first-steps.tsx';
import { SourceRow } from './source-row.tsx';
import styles from './source-row.module.css';

const COMMANDS = [
  'dendro status',
  'dendro send SNAPSHOT | dendro receive FOLDER',
  'dendro archive export FOLDER SNAPSHOT',
];

export function HomePage(): ReactElement {
  const sources = useAsk('sources.list', SOURCE_LIST);
  const runs = useRunsNow();
  const backup = useBackup();
  const list = sources.data ?? [];
  const hasPoints = list.some((source) => source.pointCount > 0);
  // Snapshots of another tool are restore points, too, and no backup.
  const hasBackups = list.some(({ places }) => places.some(({ place }) => place === 'drive'));
  return (
    <>
      <PageHeader
        title={t('nav.home')}
        commands={COMMANDS}
        actions={
          // Before that the first steps have it: one thing to do, not two.
          hasBackups && <Button onClick={() => backup.open()}>{t('action.backUpNow')}</Button>
        }
      />
      <Scroll label={t('nav.home')}>
        <NotRootNotice />
        {runs.map((run) => (
          <RunRow key={run.runId} run={run} />
        ))}
        {sources.isPending && <Waiting rows={3} rowPx={96} inset />}
        {sources.error && (
          <ErrorNotice error={sources.error} onRetry={() => void sources.refetch()} inset />
        )}
        {sources.data && !hasBackups && <FirstSteps sources={list} />}
        {hasPoints && (
          <div className={styles.sources}>
            {list.map((source) => (
              <SourceRow key={refKey(source)} source={source} />
            ))}
          </div>
        )}
      </Scroll>
    </>
  );
}
