import { Button, Group, Stack } from '@mantine/core';
import type { ReactElement } from 'react';
import { useAsk } from '../../bridge/queries.ts';
import { runSentence } from '../../model/sentences.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Notice } from '../../parts/notice.tsx';
import { PathText } from '../../parts/path-text.tsx';
import { RunRow } from '../../parts/run-row.tsx';
import { t } from '../../text/index.ts';
import { NotedText } from '../../parts/noted.tsx';
import styles from './streams.module.css';

interface RunToEndProps {
  readonly runId: string;
  /** What is true when it has ended well. */
  readonly done: string;
  readonly onClose: () => void;
}

/** A run in a dialog: its progress, what it came to, and what one would type. */
export function RunToEnd({ runId, done, onClose }: RunToEndProps): ReactElement {
  const asked = useAsk('runs.get', { runId });
  const run = asked.data;
  if (asked.error) return <ErrorNotice error={asked.error} />;
  if (!run) return <span />;
  if (run.state === 'running') return <RunRow run={run} />;
  return (
    <Stack>
      {run.error && <ErrorNotice error={run.error} />}
      {!run.error && run.state !== 'done' && (
        <Notice tone="needs-you">{runSentence(run).text}</Notice>
      )}
      {run.state === 'done' && (
        <Notice tone="proven" urgent>
          {done} {run.result?.path && <PathText value={run.result.path} />}
        </Notice>
      )}
      {run.notes.length > 0 && (
        <ul className={styles.notes}>
          {run.notes.map((note, i) => (
            <li key={i}>
              <NotedText note={note} />
            </li>
          ))}
        </ul>
      )}
      {run.commandLine !== '' && <CopyLine text={run.commandLine} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('action.close')}
        </Button>
      </Group>
    </Stack>
  );
}
