import { IconCamera, IconDownload, IconFolderRoot } from '@tabler/icons-react';
import { useMemo, type ReactElement } from 'react';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import { Moment } from '../../parts/figures.tsx';
import type { Beside } from '../../parts/grid-tracks.ts';
import { PathText } from '../../parts/path-text.tsx';
import { SortedGrid, type SortedColumn } from '../../parts/sorted-grid.tsx';
import { t } from '../../text/index.ts';
import styles from './drives.module.css';

interface SubvolumeTableProps {
  readonly subvolumes: readonly Subvolume[];
  readonly chosenId: number | null;
  readonly onChoose: (subvolumeId: number) => void;
  readonly beside: Beside;
}

const icons = { subvolume: IconFolderRoot, snapshot: IconCamera, received: IconDownload } as const;

const columns: readonly SortedColumn<Subvolume>[] = [
  {
    id: 'path',
    get header() {
      return t('drives.columnPath');
    },
    track: 'minmax(0, 1fr)',
    value: (row) => row.path,
    cell: (row) => <SubvolumeName subvolume={row} />,
  },
  {
    id: 'kind',
    get header() {
      return t('drives.columnKind');
    },
    track: '112px',
    fromPx: 560,
    value: (row) => kindWords(row),
    cell: (row) => kindWords(row),
  },
  {
    id: 'created',
    get header() {
      return t('drives.columnCreated');
    },
    track: '168px',
    // Beside the pane, which tells it, a name needs the room: it is what snapshots are known by.
    fromPx: 440,
    descendingFirst: true,
    value: (row) => row.createdAtMs,
    cell: (row) => <Moment at={row.createdAtMs} />,
  },
  {
    id: 'generation',
    get header() {
      return t('drives.columnGeneration');
    },
    track: '72px',
    fromPx: 680,
    align: 'end',
    descendingFirst: true,
    value: (row) => row.generation,
    cell: (row) => row.generation,
  },
];

export function SubvolumeTable(props: SubvolumeTableProps): ReactElement {
  const { subvolumes, chosenId, onChoose, beside } = props;
  const ordered = useMemo(() => inOrder(subvolumes), [subvolumes]);
  return (
    <SortedGrid
      label={t('drives.tableLabel')}
      columns={columns}
      rows={ordered}
      rowKey={(row) => String(row.subvolumeId)}
      currentKey={chosenId === null ? null : String(chosenId)}
      onCurrent={(row) => onChoose(row.subvolumeId)}
      beside={beside}
    />
  );
}

/** Subvolumes by path, then what was made from them, newest first. */
function inOrder(subvolumes: readonly Subvolume[]): Subvolume[] {
  return [...subvolumes].sort((a, b) => {
    const plain = Number(b.kind === 'subvolume') - Number(a.kind === 'subvolume');
    if (plain !== 0) return plain;
    if (a.kind === 'subvolume') return a.path < b.path ? -1 : 1;
    return b.createdAtMs - a.createdAtMs || b.subvolumeId - a.subvolumeId;
  });
}

function SubvolumeName({ subvolume }: { readonly subvolume: Subvolume }): ReactElement {
  const Icon = icons[subvolume.kind];
  return (
    <span className={styles.name}>
      <Icon size={16} stroke={1.7} aria-hidden="true" />
      {subvolume.path === '' ? t('drives.topLevel') : <PathText value={subvolume.path} clip />}
    </span>
  );
}

/** What it is, in words: the lock of a read-only one included. */
export function kindWords({ kind, readOnly, whole }: Subvolume): string {
  if (!whole) return t('drives.kindPartial');
  switch (kind) {
    case 'subvolume':
      return t(readOnly ? 'drives.kindSubvolumeReadOnly' : 'drives.kindSubvolume');
    case 'snapshot':
      return t(readOnly ? 'drives.kindSnapshot' : 'drives.kindSnapshotWritable');
    case 'received':
      return t(readOnly ? 'drives.kindReceived' : 'drives.kindReceivedWritable');
  }
}
