import type { ReactElement } from 'react';
import type { PointPlace } from '../../../shared/model/place.ts';
import { usePagedRows } from '../../bridge/paged-rows.ts';
import { Breadcrumbs } from '../../parts/breadcrumbs.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { MarkedFolder, useFolderState } from '../../parts/marked-folder.tsx';
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
  const state = useFolderState();
  const { path, marked } = state;
  const rows = usePagedRows({
    call: 'place.directory',
    input: (offset, limit) => ({ place, path, offset, limit }),
    rows: ({ entries }) => entries,
    total: ({ total }) => total,
    problem: ({ problem }) => problem,
  });
  const paths = marked.size > 0 ? [...marked].sort() : [''];
  return (
    <Dialog onClose={onClose} size={920} title={name}>
      <Breadcrumbs path={path} onGo={state.go} />
      <div className={styles.inside}>
        <MarkedFolder state={state} rows={rows} />
      </div>
      <PlaceRestore key={paths.join('\n')} place={place} paths={paths} folder={homePath} />
    </Dialog>
  );
}
