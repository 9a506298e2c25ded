import { useState, type ReactElement } from 'react';
import type { DirectoryEntry } from '../../shared/model/entry.ts';
import type { PagedRows } from '../bridge/paged-rows.ts';
import { t } from '../text/index.ts';
import { entryColumns } from './folder-columns.tsx';
import { above, FolderGrid } from './folder-grid.tsx';
import type { GridColumn } from './virtual-grid.tsx';

/** Which folder is shown, what is chosen in it, and what is marked here and in others. */
export interface FolderState {
  readonly path: string;
  readonly chosen: string | null;
  readonly marked: ReadonlySet<string>;
  go(path: string): void;
  choose(path: string | null): void;
  /** Marks it, or no longer. */
  mark(path: string): void;
  unmarkAll(): void;
}

/** @param begin an entry to begin with; when it changes, the folder goes there. */
export function useFolderState(begin?: string): FolderState {
  const [path, setPath] = useState(above(begin ?? ''));
  const [chosen, setChosen] = useState<string | null>(begin ?? null);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const [given, setGiven] = useState(begin);
  if (begin !== undefined && begin !== given) {
    setGiven(begin);
    setPath(above(begin));
    setChosen(begin);
  }
  return {
    path,
    chosen,
    marked,
    go: (to) => {
      setPath(to);
      setChosen(null);
    },
    choose: setChosen,
    mark: (one) => {
      const next = new Set(marked);
      if (!next.delete(one)) next.add(one);
      setMarked(next);
    },
    unmarkAll: () => setMarked(new Set()),
  };
}

interface MarkedFolderProps {
  readonly state: FolderState;
  readonly rows: PagedRows<DirectoryEntry>;
  readonly columns?: readonly GridColumn<DirectoryEntry>[];
}

/** A folder of some state of files, in which several entries can be marked to be restored. */
export function MarkedFolder(props: MarkedFolderProps): ReactElement {
  const { state, rows, columns = entryColumns } = props;
  return (
    <FolderGrid
      key={state.path}
      rows={rows}
      columns={columns}
      path={state.path}
      chosen={state.chosen}
      onChoose={state.choose}
      onGo={state.go}
      isFolder={({ type }) => type === 'directory'}
      empty={t('restore.emptyFolder')}
      marked={state.marked}
      onMark={state.mark}
    />
  );
}
