import { Anchor, Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { Link, useLocation } from 'wouter';
import type { Run } from '../../../shared/model/run.ts';
import { useAct, useAsk } from '../../bridge/queries.ts';
import { formatCount, formatRate } from '../../format/size.ts';
import { formatDuration } from '../../format/time.ts';
import { runSentence } from '../../model/sentences.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { DetailPane } from '../../parts/detail-pane.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Moment, Size } from '../../parts/figures.tsx';
import { Notice } from '../../parts/notice.tsx';
import { PathText } from '../../parts/path-text.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import styles from './activity.module.css';
import { RateSection } from './rate-section.tsx';
import { RunLog } from './run-log.tsx';
import { Steps } from './steps.tsx';
import type { Noted } from '../../../shared/said.ts';
import { runTitle } from '../../model/our-words.ts';
import { NotedText } from '../../parts/noted.tsx';

interface RunPaneProps {
  readonly runId: string;
  readonly onClose: () => void;
}

/** One run: what it came to, its steps with their times, its figures, what one would type. */
export function RunPane({ runId, onClose }: RunPaneProps): ReactElement {
  const asked = useAsk('runs.get', { runId });
  const run = asked.data;
  return (
    <DetailPane
      title={run ? runTitle(run) : t('activity.paneLabel')}
      label={run ? runTitle(run) : t('activity.paneLabel')}
      onClose={onClose}
      footer={run && <RunAction key={runId} run={run} />}
    >
      {asked.isPending && <Waiting rows={6} rowPx={28} />}
      {asked.error && <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />}
      {run && (
        <div className={styles.sections}>
          <Outcome run={run} />
          <Steps run={run} />
          <RateSection run={run} />
          <Figures run={run} />
          {run.notes.length > 0 && <Notes notes={run.notes} />}
          <RunLog runId={runId} />
          {run.commandLine !== '' && (
            <section>
              <h3 className={styles.heading}>{t('activity.command')}</h3>
              <CopyLine text={run.commandLine} />
            </section>
          )}
        </div>
      )}
    </DetailPane>
  );
}

/** Ends a run that goes on; asks once more for what one that has ended was asked for. */
function RunAction({ run }: { readonly run: Run }): ReactElement | null {
  const { runId } = run;
  const cancel = useAct('runs.cancel');
  const repeat = useAct('runs.repeat');
  const [, navigate] = useLocation();
  if (run.state === 'running') {
    return (
      <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate({ runId })}>
        {t('action.cancel')}
      </Button>
    );
  }
  if (!run.canRepeat) return null;
  return (
    <>
      {repeat.error && <ErrorNotice error={repeat.error} />}
      <Button
        variant="default"
        loading={repeat.isPending}
        onClick={() =>
          repeat.mutate({ runId }, { onSuccess: (begun) => navigate(`/activity/${begun.runId}`) })
        }
      >
        {t('action.runAgain')}
      </Button>
    </>
  );
}

function Outcome({ run }: { readonly run: Run }): ReactElement {
  if (run.error && run.state === 'failed') return <ErrorNotice error={run.error} urgent={false} />;
  const { tone, text } = runSentence(run);
  return <Notice tone={tone}>{text}</Notice>;
}

function Figures({ run }: { readonly run: Run }): ReactElement {
  const { progress, result } = run;
  const endedMs = (run.endedAtMs ?? Date.now()) - run.startedAtMs;
  const rate = run.state === 'running' ? progress.bytesPerSecond : average(progress.bytes, endedMs);
  return (
    <Facts
      facts={[
        { label: t('figure.started'), value: <Moment at={run.startedAtMs} /> },
        {
          label: t(run.state === 'running' ? 'figure.runningFor' : 'figure.took'),
          value: formatDuration(endedMs),
        },
        { label: t('figure.data'), value: <Size bytes={progress.bytes} /> },
        {
          label: t('figure.done'),
          value:
            progress.percent === null
              ? null
              : t('run.percent', { percent: Math.floor(progress.percent) }),
        },
        {
          label: t('figure.files'),
          value: progress.files > 0 && run.kind !== 'prune' ? formatCount(progress.files) : null,
        },
        { label: t('figure.rate'), value: rate > 0 ? formatRate(rate) : null },
        {
          label: t('figure.commands'),
          value: result && result.commands > 0 ? formatCount(result.commands) : null,
        },
        { label: t('figure.path'), value: result?.path ? <PathText value={result.path} /> : null },
        {
          label: t('figure.point'),
          value: result?.point ? (
            <Anchor
              component={Link}
              href={`/drives/${encodeURIComponent(result.point.volumeId)}`}
              inherit
              underline="always"
            >
              {t('figure.pointText', { id: result.point.subvolumeId })}
            </Anchor>
          ) : null,
        },
      ]}
    />
  );
}

function average(bytes: number, ms: number): number {
  return ms > 0 ? (bytes / ms) * 1000 : 0;
}

function Notes({ notes }: { readonly notes: readonly Noted[] }): ReactElement {
  return (
    <section>
      <h3 className={styles.heading}>{t('activity.notes')}</h3>
      <ul className={styles.notes}>
        {notes.map((note, i) => (
          <li key={i}>
            <NotedText note={note} />
          </li>
        ))}
      </ul>
    </section>
  );
}
