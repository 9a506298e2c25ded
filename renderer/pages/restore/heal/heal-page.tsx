import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import type { Source } from '../../../../shared/model/subvolume.ts';
import { useAct, useAsk } from '../../../bridge/queries.ts';
import { SOURCE_LIST } from '../../../bridge/source-list.ts';
import { shellWord } from '../../../model/shell-word.ts';
import { refKey, sourceName } from '../../../model/sources.ts';
import { Empty } from '../../../parts/empty.tsx';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { PageHeader } from '../../../parts/page-header.tsx';
import { RunRow } from '../../../parts/run-row.tsx';
import { Waiting } from '../../../parts/waiting.tsx';
import { t } from '../../../text/index.ts';
import styles from './heal.module.css';
import { HealReportView } from './heal-report.tsx';

/** Files that fail their checksum, the moments that hold good copies, and putting them back. */
export function HealPage({ sourceKey }: { readonly sourceKey: string | undefined }): ReactElement {
  const sources = useAsk('sources.list', SOURCE_LIST, { keep: true });
  const source = sources.data?.find((one) => refKey(one) === sourceKey);
  const place = source?.mountedPath;
  return (
    <>
      <PageHeader
        title={source ? t('heal.title', { name: sourceName(source) }) : t('heal.untitled')}
        {...(place && { commands: [`dendro heal ${shellWord(place)}`] })}
        actions={
          <Button component={Link} href="/restore" variant="default">
            {t('find.back')}
          </Button>
        }
      />
      {sources.isPending && <Waiting rows={4} inset />}
      {sources.error && <ErrorNotice error={sources.error} inset />}
      {sources.data && !source && <Empty title={t('heal.noSource')} />}
      {source && <Look source={source} />}
    </>
  );
}

function Look({ source }: { readonly source: Source }): ReactElement {
  const look = useAct('heal.look');
  const runId = look.data?.runId ?? '';
  const run = useAsk('runs.get', { runId }, { enabled: runId !== '' });
  const state = run.data?.state;
  const report = useAsk('heal.report', { runId }, { enabled: state === 'done', staleMs: Infinity });
  const begin = (): void => {
    const { volumeId, subvolumeId } = source;
    look.mutate({ source: { volumeId, subvolumeId } });
  };
  return (
    <>
      {state !== 'done' && (
        <div className={styles.begin}>
          <p className="plain">{t('heal.text')}</p>
          <Button onClick={begin} loading={look.isPending || state === 'running'}>
            {t('heal.look')}
          </Button>
        </div>
      )}
      {look.error && <ErrorNotice error={look.error} inset />}
      {run.data && state === 'running' && <RunRow run={run.data} />}
      {state === 'cancelled' && (
        <div className={styles.inset}>
          <Notice tone="plain">{t('heal.stopped')}</Notice>
        </div>
      )}
      {run.data?.error && state === 'failed' && <ErrorNotice error={run.data.error} inset />}
      {report.error && <ErrorNotice error={report.error} inset />}
      {report.data && (
        <HealReportView key={runId} runId={runId} report={report.data} onAgain={begin} />
      )}
    </>
  );
}
