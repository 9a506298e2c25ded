import { Button, SegmentedControl } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { printable } from '../../../../shared/model/bytes-text.ts';
import type { StreamLook } from '../../../../shared/model/stream.ts';
import { useAct, useAsk } from '../../../bridge/queries.ts';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { PageHeader } from '../../../parts/page-header.tsx';
import { RunRow } from '../../../parts/run-row.tsx';
import { t } from '../../../text/index.ts';
import styles from '../streams.module.css';
import { StreamCommands } from './stream-commands.tsx';
import { StreamFacts } from './stream-facts.tsx';
import { StreamTree } from './stream-tree.tsx';
import { UnpackDialog } from './unpack-dialog.tsx';

interface StreamViewProps {
  /** The file, or its parts in order. */
  readonly paths: readonly string[];
}

/** One stream file: read to its end first, so that what is shown is proved. */
export function StreamView({ paths }: StreamViewProps): ReactElement {
  const start = useAct('stream.look');
  const { mutate, isIdle } = start;
  useEffect(() => {
    if (isIdle) mutate({ paths: [...paths] });
  }, [isIdle, mutate, paths]);
  const runId = start.data?.runId ?? '';
  const run = useAsk('runs.get', { runId }, { enabled: runId !== '' });
  const isDone = run.data?.state === 'done';
  const found = useAsk('stream.found', { runId }, { enabled: isDone, staleMs: Infinity });
  const [isUnpacking, setUnpacking] = useState(false);
  const name = printable(paths[0]!.slice(paths[0]!.lastIndexOf('/') + 1));
  const command = run.data?.commandLine ?? '';
  return (
    <>
      <PageHeader
        title={name}
        {...(command !== '' && { commands: [command] })}
        actions={
          <>
            <Button component={Link} href="/streams" variant="default">
              {t('streams.another')}
            </Button>
            <Button disabled={!found.data} onClick={() => setUnpacking(true)}>
              {t('streams.unpack')}
            </Button>
          </>
        }
      />
      {start.error && <ErrorNotice error={start.error} inset />}
      {run.data?.state === 'running' && <RunRow run={run.data} />}
      {run.data?.state === 'cancelled' && (
        <div className={styles.inset}>
          <Notice
            tone="plain"
            actions={
              <Button size="xs" variant="default" onClick={() => start.reset()}>
                {t('action.tryAgain')}
              </Button>
            }
          >
            {t('streams.stopped')}
          </Notice>
        </div>
      )}
      {run.data?.error && run.data.state === 'failed' && (
        <ErrorNotice error={run.data.error} onRetry={() => start.reset()} inset />
      )}
      {found.error && <ErrorNotice error={found.error} onRetry={() => start.reset()} inset />}
      {found.data && <Inside runId={runId} look={found.data} />}
      {isUnpacking && <UnpackDialog paths={paths} onClose={() => setUnpacking(false)} />}
    </>
  );
}

type View = 'tree' | 'commands';

interface InsideProps {
  readonly runId: string;
  readonly look: StreamLook;
}

function Inside({ runId, look }: InsideProps): ReactElement {
  const [view, setView] = useState<View>('tree');
  return (
    <>
      <StreamFacts look={look} />
      <div className={styles.bar}>
        <SegmentedControl
          size="xs"
          aria-label={t('streams.view')}
          value={view}
          onChange={(value) => setView(value as View)}
          data={[
            { value: 'tree', label: t('streams.viewTree') },
            { value: 'commands', label: t('streams.viewCommands') },
          ]}
        />
      </div>
      {view === 'tree' ? (
        <StreamTree runId={runId} look={look} />
      ) : (
        <StreamCommands runId={runId} look={look} />
      )}
    </>
  );
}
