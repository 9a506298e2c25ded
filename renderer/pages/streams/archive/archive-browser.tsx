import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import type { CallInput } from '../../../../shared/contract/calls.ts';
import { usePagedRows } from '../../../bridge/paged-rows.ts';
import { addressPart } from '../../../model/address.ts';
import { Breadcrumbs } from '../../../parts/breadcrumbs.tsx';
import { MarkedFolder, useFolderState } from '../../../parts/marked-folder.tsx';
import { t } from '../../../text/index.ts';
import styles from '../streams.module.css';
import { ArchiveRestoreDialog } from './archive-restore-dialog.tsx';
import type { ChainRow } from './chain-table.tsx';

interface ArchiveBrowserProps {
  readonly folder: string;
  readonly row: ChainRow;
  readonly secrets: CallInput<'archive.directory'>['secrets'];
}

/** The files of one point, and their way back. */
export function ArchiveBrowser({ folder, row, secrets }: ArchiveBrowserProps): ReactElement {
  const { point, sourceFolder } = row;
  const state = useFolderState();
  const { path, chosen, marked } = state;
  const [isRestoring, setRestoring] = useState(false);
  const ref = { folder, point: `${sourceFolder}/${point.name}`, ...(secrets && { secrets }) };
  const rows = usePagedRows({
    call: 'archive.directory',
    input: (offset, limit) => ({ ...ref, path, offset, limit }),
    rows: ({ entries }) => entries,
    total: ({ total }) => total,
  });
  const paths = marked.size > 0 ? [...marked] : chosen !== null ? [chosen] : [];
  const first = point.files[0];
  return (
    <div className={styles.view}>
      <div className={styles.bar}>
        <Breadcrumbs path={path} onGo={state.go} />
        {first !== undefined && !first.endsWith('.age') && point.files.length === 1 && (
          <Button
            component={Link}
            href={`/streams/file/${addressPart(`${folder}/${sourceFolder}/${first}`)}`}
            variant="subtle"
            size="xs"
          >
            {t('archive.commands')}
          </Button>
        )}
        <Button
          size="xs"
          disabled={rows.total === undefined || !point.isRestorable}
          onClick={() => setRestoring(true)}
        >
          {paths.length === 0
            ? t('archive.restoreAll')
            : t('archive.restoreSome', { count: paths.length })}
        </Button>
      </div>
      <MarkedFolder state={state} rows={rows} />
      {isRestoring && (
        <ArchiveRestoreDialog point={ref} paths={paths} onClose={() => setRestoring(false)} />
      )}
    </div>
  );
}
