import { Select } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { printable } from '../../../../shared/model/bytes-text.ts';
import type { StreamEntry, StreamLook } from '../../../../shared/model/stream.ts';
import { usePagedRows } from '../../../bridge/paged-rows.ts';
import { Breadcrumbs } from '../../../parts/breadcrumbs.tsx';
import { Moment, Size } from '../../../parts/figures.tsx';
import { EntryName, FolderGrid } from '../../../parts/folder-grid.tsx';
import type { GridColumn } from '../../../parts/virtual-grid.tsx';
import { t } from '../../../text/index.ts';
import styles from '../streams.module.css';

interface StreamTreeProps {
  readonly runId: string;
  readonly look: StreamLook;
}

/** What the stream makes, changes, moves and takes away, folder by folder. */
export function StreamTree({ runId, look }: StreamTreeProps): ReactElement {
  const [subvolume, setSubvolume] = useState(0);
  const [folder, setFolder] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const rows = usePagedRows({
    call: 'stream.directory',
    input: (offset, limit) => ({ runId, subvolume, path: folder, offset, limit }),
    rows: ({ entries }) => entries,
    total: ({ total }) => total,
  });
  const go = (path: string): void => {
    setFolder(path);
    setChosen(null);
  };
  return (
    <div className={styles.view}>
      <div className={styles.bar}>
        {look.subvolumes.length > 1 && (
          <Select
            size="xs"
            aria-label={t('streams.subvolume')}
            data={look.subvolumes.map(({ name }, i) => ({
              value: String(i),
              label: printable(name),
            }))}
            value={String(subvolume)}
            onChange={(value) => {
              setSubvolume(Number(value));
              go('');
            }}
            allowDeselect={false}
          />
        )}
        <Breadcrumbs path={folder} onGo={go} />
      </div>
      <FolderGrid
        key={`${subvolume} ${folder}`}
        rows={rows}
        columns={columns}
        path={folder}
        chosen={chosen}
        onChoose={setChosen}
        onGo={go}
        isFolder={({ type }) => type === 'directory'}
        empty={t('streams.emptyTree')}
      />
    </div>
  );
}

const columns: readonly GridColumn<StreamEntry>[] = [
  {
    id: 'name',
    get header() {
      return t('folder.columnName');
    },
    track: 'minmax(0, 1fr)',
    cell: (entry) => <EntryName entry={entry} />,
  },
  {
    id: 'change',
    get header() {
      return t('streams.columnChange');
    },
    track: 'minmax(0, 0.6fr)',
    cell: ({ change, previousPath }) => (
      <span className={styles.change} data-change={change}>
        {previousPath === null
          ? t(`streams.change.${change}`)
          : t('streams.movedFrom', { path: printable(previousPath) })}
      </span>
    ),
  },
  {
    id: 'data',
    get header() {
      return t('streams.columnData');
    },
    track: '104px',
    align: 'end',
    cell: ({ dataBytes }) => (dataBytes === 0 ? '' : <Size bytes={dataBytes} />),
  },
  {
    id: 'modified',
    get header() {
      return t('folder.columnModified');
    },
    track: '176px',
    fromPx: 720,
    cell: ({ modifiedAtMs }) => (modifiedAtMs === null ? '' : <Moment at={modifiedAtMs} />),
  },
];
