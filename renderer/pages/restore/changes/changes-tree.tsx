import { useState, type ReactElement } from 'react';
import type {
  ComparisonEntry,
  ComparisonSummary,
  Difference,
  DifferenceCounts,
  DifferenceKind,
} from '../../../../shared/model/comparison.ts';
import { printable } from '../../../../shared/model/bytes-text.ts';
import type { CopyRef } from '../../../../shared/model/place.ts';
import { usePagedRows } from '../../../bridge/paged-rows.ts';
import { useAsk } from '../../../bridge/queries.ts';
import { formatCount, formatSize } from '../../../format/size.ts';
import { CopyLine } from '../../../parts/copy-line.tsx';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { EntryName, FolderGrid } from '../../../parts/folder-grid.tsx';
import { Notice } from '../../../parts/notice.tsx';
import type { GridColumn } from '../../../parts/virtual-grid.tsx';
import { joinWords, t } from '../../../text/index.ts';
import { Breadcrumbs } from '../../../parts/breadcrumbs.tsx';
import { EntryPane } from '../entry-pane.tsx';
import styles from './changes.module.css';
import { NotedText } from '../../../parts/noted.tsx';

interface ChangesTreeProps {
  readonly runId: string;
  readonly commandLine: string;
  readonly from: CopyRef;
  readonly to: CopyRef;
  readonly takenAtMs: number;
}

/** The tree of what differs, a folder at a time; each entry with all that can be done with it. */
export function ChangesTree(props: ChangesTreeProps): ReactElement {
  const { runId, from, to, takenAtMs } = props;
  const summary = useAsk('comparison.summary', { runId }, { staleMs: Infinity });
  const [folder, setFolder] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const rows = usePagedRows({
    call: 'comparison.folder',
    input: (offset, limit) => ({ runId, path: folder, offset, limit }),
    rows: ({ entries }) => entries,
    total: ({ total }) => total,
  });
  const go = (path: string): void => {
    setFolder(path);
    setChosen(null);
  };
  const at = rows.find((entry) => entry.path === chosen, -1);
  const entry = at === undefined ? undefined : rows.row(at);
  if (summary.error) return <ErrorNotice error={summary.error} inset />;
  return (
    <>
      {summary.data && <Summary summary={summary.data} commandLine={props.commandLine} />}
      <div className={styles.columns}>
        <div className={styles.folder}>
          <div className={styles.bar}>
            <Breadcrumbs path={folder} onGo={go} />
          </div>
          <FolderGrid
            key={folder}
            rows={rows}
            columns={columns}
            path={folder}
            chosen={chosen}
            onChoose={setChosen}
            onGo={go}
            isFolder={({ isFolder }) => isFolder}
            empty={t('changes.nothing')}
          />
        </div>
        {entry && (
          <EntryPane
            at={{ ...(isGone(entry) ? from : to), path: entry.path }}
            takenAtMs={takenAtMs}
            onClose={() => setChosen(null)}
          />
        )}
      </div>
    </>
  );
}

function isGone({ differences }: ComparisonEntry): boolean {
  return differences.length === 1 && differences[0]!.kind === 'removed';
}

const KINDS: readonly DifferenceKind[] = ['added', 'removed', 'moved', 'modified', 'metadata'];

/** `3 new, 1 gone and 12 changed`; '' for none. */
function countWords(counts: DifferenceCounts): string {
  return joinWords(
    KINDS.filter((kind) => counts[kind] > 0).map((kind) =>
      t(`changes.count.${kind}`, { count: counts[kind], number: formatCount(counts[kind]) }),
    ),
  );
}

interface SummaryProps {
  readonly summary: ComparisonSummary;
  readonly commandLine: string;
}

function Summary({ summary, commandLine }: SummaryProps): ReactElement {
  const words = countWords(summary.counts);
  const { addedBytes, removedBytes, unreadableCount, unreadable, notes } = summary;
  return (
    <div className={styles.summary}>
      <p>
        <strong>{words === '' ? t('changes.nothing') : words}</strong>{' '}
        <span className="quiet">
          {t('changes.bytes', { added: formatSize(addedBytes), removed: formatSize(removedBytes) })}
        </span>
      </p>
      {commandLine !== '' && <CopyLine text={commandLine} />}
      {unreadableCount > 0 && (
        <Notice tone="needs-you">
          {t('changes.unreadable', { count: unreadableCount })}{' '}
          {unreadable[0] && printable(unreadable[0].path)}
        </Notice>
      )}
      {notes.map((note) => (
        <p key={note.text} className="quiet">
          <NotedText note={note} />
        </p>
      ))}
    </div>
  );
}

const columns: readonly GridColumn<ComparisonEntry>[] = [
  {
    id: 'name',
    get header() {
      return t('folder.columnName');
    },
    track: 'minmax(0, 1fr)',
    cell: ({ name, isFolder, differences: [first] }) => (
      <EntryName
        entry={{ name, type: first?.type ?? (isFolder ? 'directory' : null), linkTarget: null }}
      />
    ),
  },
  {
    id: 'what',
    get header() {
      return t('changes.columnWhat');
    },
    track: 'minmax(0, 1.3fr)',
    cell: ({ differences, below }) => <What differences={differences} below={below} />,
  },
  {
    id: 'size',
    get header() {
      return t('folder.columnSize');
    },
    track: '144px',
    align: 'end',
    fromPx: 560,
    cell: ({ differences: [first] }) => (
      <span className="figure">{first?.type === 'file' ? sizeWords(first) : ''}</span>
    ),
  },
];

interface WhatProps {
  readonly differences: readonly Difference[];
  readonly below: DifferenceCounts;
}

function What({ differences, below }: WhatProps): ReactElement {
  const inside = countWords(below);
  return (
    <span className={styles.what}>
      {differences.map((difference) => (
        <span key={difference.kind} className={styles.kind} data-kind={difference.kind}>
          {kindWords(difference)}
        </span>
      ))}
      {inside !== '' && (
        <span className={styles.inside} title={inside}>
          {t('changes.inside', { what: inside })}
        </span>
      )}
    </span>
  );
}

function kindWords({ kind, previousPath, aspects }: Difference): string {
  if (kind === 'moved' && previousPath !== null)
    return t('changes.movedFrom', { path: printable(previousPath) });
  if (kind === 'metadata')
    return t('changes.metadata', { aspects: joinWords(aspects.map(aspectWord)) });
  return t(`changes.kind.${kind}`);
}

const ASPECTS = [
  'data',
  'size',
  'mode',
  'owner',
  'times',
  'xattrs',
  'links',
  'flags',
  'target',
] as const;

function aspectWord(aspect: string): string {
  const known = ASPECTS.find((one) => one === aspect);
  return known ? t(`changes.aspect.${known}`) : aspect;
}

function sizeWords({ kind, sizeBytes, previousBytes }: Difference): string {
  const size = formatSize(sizeBytes);
  return kind === 'modified' && previousBytes !== null && previousBytes !== sizeBytes
    ? t('changes.sizes', { from: formatSize(previousBytes), to: size })
    : size;
}
