import { Modal } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { PointPlace } from '../../../shared/model/place.ts';
import { usePagedRows } from '../../bridge/paged-rows.ts';
import { Breadcrumbs } from '../../parts/breadcrumbs.tsx';
import { entryColumns } from '../../parts/folder-columns.tsx';
import { FolderGrid } from '../../parts/folder-grid.tsx';
import { t } from '../../text/index.ts';
import { PlaceRestore } from './place-restore.tsx';
import styles from './rescue.module.css';

interface PlaceDialogProps {
  readonly name: string;
  readonly place: PointPlace;
  readonly homePath: string;
  readonly onClose: () => void;
}

/** The files of one state, wherever it lies: all of them, or those that are marked, come back. */
export function PlaceDialog({ name, place, homePath, onClose }: PlaceDialogProps): ReactElement {
  const [path, setPath] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const rows = usePagedRows({
    call: 'place.directory',
    input: (offset, limit) => ({ place, path, offset, limit }),
    rows: ({ entries }) => entries,
    total: ({ total }) => total,
  });
  const go = (to: string): void => {
    setPath(to);
    setChosen(null);
  };
  const mark = (one: string): void => {
    const next = new Set(marked);
    if (!next.delete(one)) next.add(one);
    setMarked(next);
  };
  const paths = marked.size > 0 ? [...marked].sort() : [''];
  return (
    <Modal
      opened
      onClose={onClose}
      size={920}
      title={name}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Breadcrumbs path={path} onGo={go} />
      <div className={styles.inside}>
        <FolderGrid
          key={path}
          rows={rows}
          columns={entryColumns}
          path={path}
          chosen={chosen}
          onChoose={setChosen}
          onGo={go}
          isFolder={({ type }) => type === 'directory'}
          empty={t('restore.emptyFolder')}
          marked={marked}
          onMark={mark}
        />
      </div>
      <PlaceRestore key={paths.join('\n')} place={place} paths={paths} folder={homePath} />
    </Modal>
  );
}
