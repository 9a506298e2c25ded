import { Button } from '@mantine/core';
import { useMemo, type ReactElement } from 'react';
import type { DirectoryEntry } from '../../../shared/model/entry.ts';
import type { CopyRef } from '../../../shared/model/place.ts';
import type { Source } from '../../../shared/model/subvolume.ts';
import { usePagedRows } from '../../bridge/paged-rows.ts';
import { entryColumns } from '../../parts/folder-columns.tsx';
import { MarkedFolder, useFolderState } from '../../parts/marked-folder.tsx';
import type { GridColumn } from '../../parts/virtual-grid.tsx';
import { t } from '../../text/index.ts';
import { Breadcrumbs } from '../../parts/breadcrumbs.tsx';
import { EntryPane } from './entry-pane.tsx';
import { SelectionPane } from './selection-pane.tsx';
import styles from './restore.module.css';
import { useNow, type Since } from './use-now.ts';

interface BrowserProps {
  readonly source: Source;
  readonly point: CopyRef;
  readonly takenAtMs: number;
  /** Where to begin: a path that was found. */
  readonly path: string | undefined;
  readonly onMoment: (pointId: string) => void;
}

/**
 * The chosen point's folders. The place and the selection stay when another moment is chosen,
 * so that one file can be followed through time.
 */
export function Browser({ source, point, takenAtMs, path, onMoment }: BrowserProps): ReactElement {
  const state = useFolderState(path);
  const { path: folder, chosen, marked } = state;
  const rows = usePagedRows({
    call: 'directory.list',
    input: (offset, limit) => ({ ...point, path: folder, offset, limit }),
    rows: ({ entries }) => entries,
    total: ({ total }) => total,
    problem: ({ problem }) => problem,
  });
  const since = useNow(source, folder, rows.total);
  const columns = useMemo(() => withSince(since), [since]);
  return (
    <div className={styles.columns}>
      <section className={styles.folder} aria-label={t('restore.folderLabel')}>
        <div className={styles.bar}>
          <Breadcrumbs path={folder} onGo={state.go} />
          <Button variant="default" size="xs" onClick={() => state.choose(folder)}>
            {t(folder === '' ? 'restore.wholePoint' : 'restore.wholeFolder')}
          </Button>
        </div>
        <MarkedFolder state={state} rows={rows} columns={columns} />
      </section>
      {marked.size > 0 ? (
        <SelectionPane point={point} paths={marked} onDrop={state.mark} onClose={state.unmarkAll} />
      ) : (
        chosen !== null && (
          <EntryPane
            at={{ ...point, path: chosen }}
            takenAtMs={takenAtMs}
            onMoment={onMoment}
            onClose={() => state.choose(null)}
          />
        )
      )}
    </div>
  );
}

/** One more column where it is known what has become of each entry. */
function withSince(
  since: ((entry: DirectoryEntry) => Since | undefined) | undefined,
): readonly GridColumn<DirectoryEntry>[] {
  if (since === undefined) return entryColumns;
  const column: GridColumn<DirectoryEntry> = {
    id: 'since',
    get header() {
      return t('since.column');
    },
    track: '104px',
    fromPx: 700,
    cell: (entry) => {
      const known = since(entry);
      return known && <SinceMark since={known} />;
    },
  };
  return [entryColumns[0]!, column, ...entryColumns.slice(1)];
}

/** A shape and a word: never colour alone. */
function SinceMark({ since }: { readonly since: Since }): ReactElement {
  return (
    <span className={styles.since} data-since={since}>
      {t(`since.${since}`)}
    </span>
  );
}
