import { Group, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMemo, useState, type ReactElement } from 'react';
import { useLocation } from 'wouter';
import type { RunKind, RunState } from '../../../shared/model/run.ts';
import { useRunsNow } from '../../bridge/live.ts';
import { useAsk } from '../../bridge/queries.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import styles from './activity.module.css';
import { RunPane } from './run-pane.tsx';
import { RunTable } from './run-table.tsx';

const STATES: readonly RunState[] = ['running', 'done', 'failed', 'cancelled', 'interrupted'];
const KINDS: readonly RunKind[] = [
  'backup',
  'snapshot',
  'restore',
  'prune',
  'verify',
  'rescue',
  'compare',
  'heal',
];
/** The service gives at most this many a call; older runs are reached by the filters. */
const LIMIT = 5_000;

/** The history of runs. */
export function ActivityPage({ runId }: { readonly runId: string | undefined }): ReactElement {
  const [, navigate] = useLocation();
  const [state, setState] = useState<RunState | null>(null);
  const [kind, setKind] = useState<RunKind | null>(null);
  const [text, setText] = useState('');
  const filter = { ...(state ? { state } : {}), ...(kind ? { kind } : {}), limit: LIMIT };
  const history = useAsk('runs.list', filter, { keep: true });
  const now = useRunsNow();
  const runs = useMemo(() => {
    const fresh = new Map(now.map((run) => [run.runId, run]));
    const wanted = text.toLocaleLowerCase();
    return (history.data?.runs ?? [])
      .map((run) => fresh.get(run.runId) ?? run)
      .filter((run) => wanted === '' || run.title.toLocaleLowerCase().includes(wanted));
  }, [history.data, now, text]);
  const isFiltered = state !== null || kind !== null || text !== '';
  return (
    <>
      <PageHeader
        title={t('nav.activity')}
        actions={
          <Group gap="xs" wrap="nowrap">
            <TextInput
              aria-label={t('activity.search')}
              placeholder={t('activity.search')}
              leftSection={<IconSearch size={15} aria-hidden="true" />}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              w={200}
            />
            <Select
              aria-label={t('activity.kind')}
              placeholder={t('activity.anyKind')}
              data={KINDS.map((value) => ({ value, label: t(`runKind.${value}`) }))}
              value={kind}
              onChange={(value) => setKind(value)}
              clearable
              clearButtonProps={{ 'aria-label': t('action.clear') }}
              w={140}
            />
            <Select
              aria-label={t('activity.state')}
              placeholder={t('activity.anyState')}
              data={STATES.map((value) => ({ value, label: t(`runState.${value}`) }))}
              value={state}
              onChange={(value) => setState(value)}
              clearable
              clearButtonProps={{ 'aria-label': t('action.clear') }}
              w={160}
            />
          </Group>
        }
      />
      {history.isPending && <Waiting rows={8} inset />}
      {history.error && (
        <ErrorNotice error={history.error} onRetry={() => void history.refetch()} inset />
      )}
      {history.data && runs.length === 0 && (
        <Empty title={t(isFiltered ? 'activity.noMatch' : 'activity.none')}>
          {isFiltered ? null : t('activity.noneText')}
        </Empty>
      )}
      <div className={styles.columns}>
        {runs.length > 0 && (
          <RunTable
            runs={runs}
            chosenId={runId ?? null}
            onChoose={(id) => navigate(`/activity/${id}`, { replace: runId !== undefined })}
          />
        )}
        {runId !== undefined && (
          <RunPane key={runId} runId={runId} onClose={() => navigate('/activity')} />
        )}
      </div>
    </>
  );
}
