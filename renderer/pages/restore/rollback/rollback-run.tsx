import { Button, Group, Stack } from '@mantine/core';
import type { ReactElement } from 'react';
import { useAsk } from '../../../bridge/queries.ts';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { Notice, ToneMark } from '../../../parts/notice.tsx';
import { PathText } from '../../../parts/path-text.tsx';
import { t } from '../../../text/index.ts';
import { NotedText } from '../../../parts/noted.tsx';
import styles from './rollback.module.css';
import { stepLabel, stepState } from '../../../model/step-label.ts';

interface RollbackRunProps {
  readonly runId: string;
  readonly onClose: () => void;
}

/** The steps as they are done; it ends well only when the check has said so. */
export function RollbackRun({ runId, onClose }: RollbackRunProps): ReactElement {
  const run = useAsk('runs.get', { runId });
  if (run.error) return <ErrorNotice error={run.error} onRetry={() => void run.refetch()} />;
  if (!run.data) return <span />;
  const { state, steps, error, result, notes } = run.data;
  return (
    <Stack>
      <ol className={styles.progress} aria-label={t('rollback.steps')}>
        {steps.map((step) => (
          <li key={step.name} data-state={step.state}>
            <ToneMark
              tone={step.state === 'done' ? 'proven' : step.state === 'failed' ? 'failed' : 'plain'}
            />
            <span>{stepLabel(step.name)}</span>
            <span className="quiet">{stepState(step, run.data)}</span>
          </li>
        ))}
      </ol>
      {error && <ErrorNotice error={error} />}
      {state === 'done' && (
        <Notice tone="proven" urgent>
          {t('rollback.done')} {result?.path && <PathText value={result.path} />}
        </Notice>
      )}
      {notes.length > 0 && (
        <ul className={styles.notes}>
          {notes.map((note, i) => (
            <li key={i}>
              <NotedText note={note} />
            </li>
          ))}
        </ul>
      )}
      {state !== 'running' && (
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.close')}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
