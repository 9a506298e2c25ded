import type { ReactElement } from 'react';
import type { CallOutput } from '../../../shared/contract/calls.ts';
import type { SubvolumeRef } from '../../../shared/model/subvolume.ts';
import { useAsk } from '../../bridge/queries.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Moment, Size } from '../../parts/figures.tsx';
import { PathText } from '../../parts/path-text.tsx';
import { VirtualGrid, type GridColumn } from '../../parts/virtual-grid.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';

const LIMIT = 1_000;

type Found = CallOutput<'entries.find'>['entries'][number];

interface SearchResultsProps {
  readonly point: SubvolumeRef;
  readonly text: string;
  readonly chosen: string | null;
  readonly onChoose: (path: string) => void;
  readonly onGo: (path: string) => void;
}

/** Every path of the chosen point whose name holds the text. */
export function SearchResults(props: SearchResultsProps): ReactElement {
  const { point, text, chosen, onChoose, onGo } = props;
  const found = useAsk('entries.find', { ...point, text, limit: LIMIT }, { keep: true });
  if (found.error) return <ErrorNotice error={found.error} inset />;
  if (!found.data) return <Waiting rows={8} rowPx={36} inset />;
  const { entries } = found.data;
  if (entries.length === 0) return <Empty title={t('restore.notFound', { text })} />;
  const choose = (index: number): void => {
    const entry = entries[index];
    if (entry) onChoose(entry.path);
  };
  const open = (index: number): void => {
    const entry = entries[index];
    if (entry?.entry.type === 'directory') onGo(entry.path);
  };
  return (
    <>
      <p className="note" role="status">
        {t(entries.length >= LIMIT ? 'restore.foundMany' : 'restore.found', {
          count: entries.length,
          text,
        })}
      </p>
      <VirtualGrid
        label={t('restore.results')}
        columns={columns}
        rowCount={entries.length}
        row={(index) => entries[index]}
        current={entries.findIndex((entry) => entry.path === chosen)}
        onCurrent={choose}
        onOpen={open}
      />
    </>
  );
}

const columns: readonly GridColumn<Found>[] = [
  {
    id: 'path',
    get header() {
      return t('restore.columnPath');
    },
    track: 'minmax(0, 1fr)',
    cell: (found) => <PathText value={found.path} clip />,
  },
  {
    id: 'size',
    get header() {
      return t('restore.columnSize');
    },
    track: '88px',
    align: 'end',
    cell: ({ entry }) => (entry.type === 'file' ? <Size bytes={entry.sizeBytes} /> : ''),
  },
  {
    id: 'modified',
    get header() {
      return t('restore.columnModified');
    },
    track: '176px',
    cell: ({ entry }) => <Moment at={entry.modifiedAtMs} />,
  },
];
