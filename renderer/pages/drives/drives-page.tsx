import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useLocation } from 'wouter';
import type { Volume } from '../../../shared/model/volume.ts';
import { useAsk } from '../../bridge/queries.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { NotRootNotice } from '../../parts/not-root-notice.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import { AddVolumeDialog } from './add-volume-dialog.tsx';
import { VolumeList } from './volume-list.tsx';
import { VolumeView } from './volume-view.tsx';
import styles from './drives.module.css';

export function DrivesPage({ volumeId }: { readonly volumeId: string | undefined }): ReactElement {
  const volumes = useAsk('volumes.list', {});
  const [adding, setAdding] = useState(false);
  const [, navigate] = useLocation();
  const wanted = volumeId === undefined ? undefined : decodeURIComponent(volumeId);
  const shown = volumes.data?.find((v) => v.volumeId === wanted) ?? volumes.data?.[0];
  const show = (volume: Volume): void => navigate(`/drives/${encodeURIComponent(volume.volumeId)}`);
  return (
    <>
      <PageHeader
        title={t('nav.drives')}
        actions={
          <Button variant="default" onClick={() => setAdding(true)}>
            {t('drives.add')}
          </Button>
        }
      />
      <NotRootNotice />
      {volumes.isPending && <Waiting rows={6} inset />}
      {volumes.error && (
        <ErrorNotice error={volumes.error} onRetry={() => void volumes.refetch()} inset />
      )}
      {volumes.data?.length === 0 && <Empty title={t('drives.none')}>{t('drives.noneText')}</Empty>}
      {volumes.data && shown && (
        <div className={styles.columns}>
          <VolumeList volumes={volumes.data} shown={shown} onShow={show} />
          <VolumeView key={shown.volumeId} volume={shown} />
        </div>
      )}
      <AddVolumeDialog opened={adding} onClose={() => setAdding(false)} onAdded={show} />
    </>
  );
}
