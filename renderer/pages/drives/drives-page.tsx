import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useLocation } from 'wouter';
import { useAsk } from '../../bridge/queries.ts';
import { storagesOf } from '../../model/drive-list.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { NotRootNotice } from '../../parts/not-root-notice.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import { AddVolumeDialog } from './add-volume-dialog.tsx';
import { StorageList } from './storage-list.tsx';
import { StorageView } from './storage-view.tsx';
import styles from './drives.module.css';

const COMMANDS = ['dendro drives', 'dendro volumes', 'dendro chain', 'dendro pins'];

/** Every place that data is on or can be sent to: drives here and away, volumes, images. */
export function DrivesPage({ volumeId }: { readonly volumeId: string | undefined }): ReactElement {
  const volumes = useAsk('volumes.list', {});
  const drives = useAsk('drives.list', {});
  const [adding, setAdding] = useState(false);
  const [, navigate] = useLocation();
  const wanted = volumeId === undefined ? undefined : decodeURIComponent(volumeId);
  const groups = storagesOf(drives.data ?? [], volumes.data ?? []);
  const all = [...groups.known, ...groups.here, ...groups.other];
  const shown = all.find(({ id, drive }) => id === wanted || drive?.driveId === wanted) ?? all[0];
  const show = (id: string): void => navigate(`/drives/${encodeURIComponent(id)}`);
  const isReady = volumes.data !== undefined && !drives.isPending;
  return (
    <>
      <PageHeader
        title={t('nav.drives')}
        commands={COMMANDS}
        actions={
          <Button variant="default" onClick={() => setAdding(true)}>
            {t('drives.add')}
          </Button>
        }
      />
      <NotRootNotice />
      {(volumes.isPending || drives.isPending) && <Waiting rows={6} inset />}
      {volumes.error && (
        <ErrorNotice error={volumes.error} onRetry={() => void volumes.refetch()} inset />
      )}
      {drives.error && (
        <ErrorNotice error={drives.error} onRetry={() => void drives.refetch()} inset />
      )}
      {isReady && all.length === 0 && (
        <Empty title={t('drives.none')}>{t('drives.noneText')}</Empty>
      )}
      {isReady && shown && (
        <div className={styles.columns}>
          <StorageList groups={groups} shownId={shown.id} onShow={show} />
          <StorageView key={shown.id} storage={shown} />
        </div>
      )}
      <AddVolumeDialog
        opened={adding}
        onClose={() => setAdding(false)}
        onAdded={(volume) => show(volume.volumeId)}
      />
    </>
  );
}
