import { Button, Group } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState, type ReactElement } from 'react';
import { useLocation } from 'wouter';
import type { Run } from '../../../shared/model/run.ts';
import { useRunsNow } from '../../bridge/live.ts';
import { useAsk } from '../../bridge/queries.ts';
import { formatCount } from '../../format/size.ts';
import { useBesidePane } from '../../parts/beside-pane.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import styles from './activity.module.css';
import { noFilter, RunFilterBar, runQuery, type RunFilter } from './run-filter.tsx';
import { RunPane } from './run-pane.tsx';
import { RunTable } from './run-table.tsx';
import { runTitle } from '../../model/our-words.ts';

/** Runs of one page: a hundred thousand are never asked for at once. */
const PAGE = 500;
const COMMANDS = ['dendro history', 'dendro history RUN'];

/** The history of runs, those of now on top. */
export function ActivityPage({ runId }: { readonly runId: string | undefined }): ReactElement {
  const [, navigate] = useLocation();
  const [filter, setFilter] = useState(noFilter);
  const [offset, setOffset] = useState(0);
  const [settled] = useDebouncedValue(filter, 200);
  const query = { ...runQuery(settled, Date.now()), offset, limit: PAGE };
  const history = useAsk('runs.list', query, { keep: true });
  const now = useRunsNow();
  const runs = useMemo(
    () => withLive(history.data?.runs ?? [], offset === 0 ? now : [], settled),
    [history.data, now, offset, settled],
  );
  const { ref, beside } = useBesidePane(runId !== undefined);
  const isFiltered = Object.values(filter).some((value) => value !== null && value !== '');
  return (
    <>
      <PageHeader
        title={t('nav.activity')}
        commands={COMMANDS}
        actions={
          <RunFilterBar
            filter={filter}
            onChange={(next) => {
              setFilter(next);
              setOffset(0);
            }}
          />
        }
      />
      <div ref={ref} className={styles.columns}>
        <div className={styles.table}>
          {history.isPending && <Waiting rows={8} inset />}
          {history.error && (
            <ErrorNotice error={history.error} onRetry={() => void history.refetch()} inset />
          )}
          {history.data && runs.length === 0 && (
            <Empty title={t(isFiltered ? 'activity.noMatch' : 'activity.none')}>
              {isFiltered ? null : t('activity.noneText')}
            </Empty>
          )}
          {runs.length > 0 && (
            <RunTable
              runs={runs}
              beside={beside}
              chosenId={runId ?? null}
              onChoose={(id) => navigate(`/activity/${id}`, { replace: runId !== undefined })}
            />
          )}
          {history.data && history.data.total > PAGE && (
            <Pager offset={offset} total={history.data.total} onGo={setOffset} />
          )}
        </div>
        {runId !== undefined && (
          <RunPane key={runId} runId={runId} onClose={() => navigate('/activity')} />
        )}
      </div>
    </>
  );
}

/** What runs now is newer than what the list says of it, and on top when the list lacks it. */
function withLive(listed: readonly Run[], live: readonly Run[], filter: RunFilter): Run[] {
  const fresh = new Map(live.map((run) => [run.runId, run]));
  const known = new Set(listed.map((run) => run.runId));
  const wanted = filter.text.toLocaleLowerCase();
  const begun = live.filter(
    (run) =>
      !known.has(run.runId) &&
      run.state === 'running' &&
      (filter.state ?? run.state) === run.state &&
      (filter.kind ?? run.kind) === run.kind &&
      runTitle(run).toLocaleLowerCase().includes(wanted),
  );
  return [...begun, ...listed.map((run) => fresh.get(run.runId) ?? run)];
}

interface PagerProps {
  readonly offset: number;
  readonly total: number;
  readonly onGo: (offset: number) => void;
}

function Pager({ offset, total, onGo }: PagerProps): ReactElement {
  const to = Math.min(total, offset + PAGE);
  return (
    <Group className={styles.pager} justify="flex-end" gap="sm">
      <span className="figure" role="status">
        {t('activity.page', {
          from: formatCount(offset + 1),
          to: formatCount(to),
          total: formatCount(total),
        })}
      </span>
      <Button
        variant="default"
        size="xs"
        disabled={offset === 0}
        onClick={() => onGo(Math.max(0, offset - PAGE))}
      >
        {t('activity.newer')}
      </Button>
      <Button
        variant="default"
        size="xs"
        disabled={to >= total}
        onClick={() => onGo(offset + PAGE)}
      >
        {t('activity.older')}
      </Button>
    </Group>
  );
}
