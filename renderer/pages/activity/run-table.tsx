import { useMemo, type ReactElement } from 'react';
import type { Run } from '../../../shared/model/run.ts';
import { formatDuration } from '../../format/time.ts';
import { runSentence } from '../../model/sentences.ts';
import { Moment, Size } from '../../parts/figures.tsx';
import type { Beside } from '../../parts/grid-tracks.ts';
import { ToneMark } from '../../parts/notice.tsx';
import { SortedGrid, type SortedColumn } from '../../parts/sorted-grid.tsx';
import { t } from '../../text/index.ts';
import styles from './activity.module.css';
import { runTitle } from '../../model/our-words.ts';

interface RunTableProps {
  readonly runs: readonly Run[];
  readonly chosenId: string | null;
  readonly onChoose: (runId: string) => void;
  readonly beside: Beside;
}

/** Runs come in the order in which they began; the clock may have been wrong, and put right since. */
function startedColumn(runs: readonly Run[]): SortedColumn<Run> {
  const places = new Map(runs.map(({ runId }, place) => [runId, -place]));
  return {
    id: 'started',
    get header() {
      return t('activity.columnStarted');
    },
    track: '168px',
    descendingFirst: true,
    value: ({ runId }) => places.get(runId) ?? 0,
    cell: (run) => <Moment at={run.startedAtMs} />,
  };
}

const otherColumns: readonly SortedColumn<Run>[] = [
  {
    id: 'title',
    get header() {
      return t('activity.columnTitle');
    },
    track: 'minmax(0, 1fr)',
    value: runTitle,
    cell: (run) => <span title={runTitle(run)}>{runTitle(run)}</span>,
  },
  {
    id: 'state',
    get header() {
      return t('activity.columnState');
    },
    track: '128px',
    fromPx: 480,
    value: (run) => t(`runState.${run.state}`),
    cell: (run) => <RunStateMark run={run} />,
  },
  {
    id: 'bytes',
    get header() {
      return t('activity.columnBytes');
    },
    track: '80px',
    fromPx: 600,
    align: 'end',
    descendingFirst: true,
    value: (run) => run.progress.bytes,
    cell: (run) => <Size bytes={run.progress.bytes} />,
  },
  {
    id: 'duration',
    get header() {
      return t('activity.columnDuration');
    },
    track: '96px',
    fromPx: 700,
    align: 'end',
    descendingFirst: true,
    value: durationMs,
    cell: (run) => formatDuration(durationMs(run)),
  },
  {
    id: 'kind',
    get header() {
      return t('activity.columnKind');
    },
    track: '144px',
    fromPx: 860,
    value: (run) => t(`runKind.${run.kind}`),
    cell: (run) => t(`runKind.${run.kind}`),
  },
];

/** @param runs the one that began last first */
export function RunTable({ runs, chosenId, onChoose, beside }: RunTableProps): ReactElement {
  const columns = useMemo(() => [startedColumn(runs), ...otherColumns], [runs]);
  return (
    <SortedGrid
      label={t('activity.tableLabel')}
      columns={columns}
      rows={runs}
      rowKey={(run) => run.runId}
      currentKey={chosenId}
      onCurrent={(run) => onChoose(run.runId)}
      sortedBy={{ id: 'started', desc: true }}
      rowPx={40}
      beside={beside}
    />
  );
}

function durationMs(run: Run): number {
  return (run.endedAtMs ?? Date.now()) - run.startedAtMs;
}

/** A state as mark and word; while it runs, its percent. */
export function RunStateMark({ run }: { readonly run: Run }): ReactElement {
  const { percent } = run.progress;
  return (
    <span className={styles.state}>
      <ToneMark tone={runSentence(run).tone} size={16} />
      {run.state === 'running' && percent !== null
        ? t('run.percent', { percent: Math.floor(percent) })
        : t(`runState.${run.state}`)}
    </span>
  );
}
