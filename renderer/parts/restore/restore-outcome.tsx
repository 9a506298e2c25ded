import { Button, Group, Stack } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Run } from '../../../shared/model/run.ts';
import { useAct, useAsk } from '../../bridge/queries.ts';
import { formatCount, formatSize } from '../../format/size.ts';
import { runSentence } from '../../model/sentences.ts';
import { ErrorNotice } from '../error-notice.tsx';
import { Notice } from '../notice.tsx';
import { PathText } from '../path-text.tsx';
import { RunRow } from '../run-row.tsx';
import styles from './restore.module.css';
import { t } from '../../text/index.ts';
import type { Noted } from '../../../shared/said.ts';
import { NotedText } from '../noted.tsx';

interface RestoreOutcomeProps {
  readonly runId: string;
  readonly onAgain: () => void;
}

/** The restore while it runs, and what it came to: where the file is now, and the way back. */
export function RestoreOutcome({ runId, onAgain }: RestoreOutcomeProps): ReactElement {
  const run = useAsk('runs.get', { runId });
  const undo = useAct('restore.undo', ['runs.get', 'runs.list']);
  if (run.error) return <ErrorNotice error={run.error} onRetry={() => void run.refetch()} />;
  if (!run.data || run.data.state === 'running')
    return run.data ? <RunRow run={run.data} /> : <span />;
  return (
    <Stack gap="xs">
      {undo.isSuccess ? (
        <Notice tone="plain" urgent>
          {t('restore.undone')}
        </Notice>
      ) : (
        <Outcome run={run.data} />
      )}
      {undo.error && <ErrorNotice error={undo.error} />}
      {!undo.isSuccess && <NotKept notes={run.data.notes} />}
      <Group>
        {run.data.state === 'done' && !undo.isSuccess && (
          <Button
            variant="default"
            size="xs"
            loading={undo.isPending}
            onClick={() => undo.mutate({ runId })}
          >
            {t('action.undo')}
          </Button>
        )}
        <Button variant="subtle" size="xs" onClick={onAgain}>
          {t('restore.again')}
        </Button>
      </Group>
    </Stack>
  );
}

/** What could not be kept or read, as the run noted it. */
function NotKept({ notes }: { readonly notes: readonly Noted[] }): ReactElement | null {
  if (notes.length === 0) return null;
  return (
    <details className={styles.command} open={notes.length <= 3}>
      <summary>{t('restore.notes', { count: notes.length })}</summary>
      <ul className={styles.notes}>
        {notes.map((note, i) => (
          <li key={i}>
            <NotedText note={note} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Outcome({ run }: { readonly run: Run }): ReactElement {
  if (run.error) return <ErrorNotice error={run.error} />;
  if (run.state !== 'done') return <Notice tone="needs-you">{runSentence(run).text}</Notice>;
  const { files, bytes } = run.progress;
  return (
    <Notice tone="proven" urgent>
      {t('restore.done', { count: files, files: formatCount(files), size: formatSize(bytes) })}
      {run.result?.path && (
        <>
          {' '}
          <PathText value={run.result.path} />
        </>
      )}
    </Notice>
  );
}
