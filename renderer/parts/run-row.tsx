import { Button, CloseButton, Progress } from '@mantine/core';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import type { Run } from '../../shared/model/run.ts';
import { useLiveRuns } from '../bridge/live.ts';
import { useAct } from '../bridge/queries.ts';
import { formatCount, formatRate, formatSize } from '../format/size.ts';
import { formatDuration } from '../format/time.ts';
import { runSentence } from '../model/sentences.ts';
import { t } from '../text/index.ts';
import { ErrorNotice } from './error-notice.tsx';
import { ToneMark } from './notice.tsx';
import { NotedText } from './noted.tsx';
import { PathText } from './path-text.tsx';
import styles from './run-row.module.css';
import { runTitle } from '../model/our-words.ts';
import { stepLabel } from '../model/step-label.ts';

/** A run as it moves: percent, time left, rate, what is being read; afterwards what it came to. */
export function RunRow({ run }: { readonly run: Run }): ReactElement {
  if (run.state === 'running') return <RunningRow run={run} />;
  return <EndedRow run={run} />;
}

function RunningRow({ run }: { readonly run: Run }): ReactElement {
  const cancel = useAct('runs.cancel');
  const { progress } = run;
  const percent = progress.percent;
  return (
    <article className={styles.row} aria-label={runTitle(run)} data-testid="run">
      <div className={styles.line}>
        <Link href={`/activity/${run.runId}`} className={styles.title}>
          {runTitle(run)}
        </Link>
        <RunFigures run={run} />
        <Button
          variant="default"
          size="xs"
          loading={cancel.isPending || cancel.isSuccess}
          onClick={() => cancel.mutate({ runId: run.runId })}
        >
          {t('action.cancel')}
        </Button>
      </div>
      <Progress.Root
        size={8}
        radius="xs"
        className={styles.bar}
        data-unknown={percent === null || undefined}
      >
        <Progress.Section
          value={percent ?? 0}
          aria-label={t('run.progressLabel', { title: runTitle(run) })}
          withAria
        />
      </Progress.Root>
      <div className={styles.line}>
        <span className={styles.current}>
          <Current run={run} />
        </span>
        <span className={`${styles.amounts} figure`}>{amounts(run)}</span>
      </div>
      {cancel.error && <ErrorNotice error={cancel.error} />}
    </article>
  );
}

/** The path that it is at; what it is doing where it has none. */
function Current({ run }: { readonly run: Run }): ReactElement {
  const { current } = run.progress;
  if (typeof current === 'object') return <NotedText note={current} />;
  return current === '' ? <>{stepName(run)}</> : <PathText value={current} clip />;
}

function RunFigures({ run }: { readonly run: Run }): ReactElement {
  const { percent, etaMs, bytesPerSecond } = run.progress;
  return (
    <span className={`${styles.figures} figure`}>
      {percent !== null && <strong>{t('run.percent', { percent: Math.floor(percent) })}</strong>}
      {etaMs !== null && <span>{t('run.eta', { duration: formatDuration(etaMs) })}</span>}
      {bytesPerSecond > 0 && <span>{formatRate(bytesPerSecond)}</span>}
    </span>
  );
}

function amounts({ kind, progress }: Run): string {
  const done = formatSize(progress.bytes);
  if (progress.totalBytes === null) return progress.bytes > 0 ? done : '';
  const files = formatCount(progress.files);
  const totalFiles = formatCount(progress.totalFiles ?? 0);
  if (kind === 'prune') return t('run.amountPoints', { files, totalFiles });
  const total = formatSize(progress.totalBytes);
  return progress.totalFiles
    ? t('run.amountFiles', { done, total, files, totalFiles, count: progress.totalFiles })
    : t('run.amount', { done, total });
}

/** What it is doing now, in a word or two. */
export function stepName(run: Run): string {
  const step = run.steps.find((s) => s.state === 'running');
  return step ? stepLabel(step.name) : t('run.starting');
}

function EndedRow({ run }: { readonly run: Run }): ReactElement {
  const live = useLiveRuns();
  const { tone, text } = runSentence(run);
  const failure = run.state === 'failed' ? run.error : null;
  const repeat = useAct('runs.repeat');
  const onRetry = (): void => {
    repeat.mutate({ runId: run.runId }, { onSuccess: () => live.putAway(run.runId) });
  };
  return (
    <article
      className={styles.row}
      aria-label={runTitle(run)}
      data-testid="run"
      data-state={run.state}
    >
      <div className={styles.line}>
        {!failure && <ToneMark tone={tone} />}
        <span className={styles.ended}>
          <Link href={`/activity/${run.runId}`} className={styles.title}>
            {runTitle(run)}
          </Link>
          {!failure && <span className={styles.sentence}>{text}</span>}
        </span>
        {run.state === 'done' && (
          <span className={`${styles.figures} figure`}>
            <strong>{t('run.percent', { percent: 100 })}</strong>
          </span>
        )}
        <CloseButton
          aria-label={t('run.putAway', { title: runTitle(run) })}
          onClick={() => live.putAway(run.runId)}
        />
      </div>
      {failure && (
        <ErrorNotice
          error={failure}
          urgent={false}
          {...(run.canRepeat && !repeat.isPending && { onRetry })}
        />
      )}
      {repeat.error && <ErrorNotice error={repeat.error} />}
    </article>
  );
}
