import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Volume } from '../../../shared/model/volume.ts';
import { useAct, useAsk } from '../../bridge/queries.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { joinWords, t } from '../../text/index.ts';
import { SubvolumePane } from './subvolume-pane.tsx';
import { SubvolumeTable } from './subvolume-table.tsx';
import styles from './drives.module.css';

/** One volume: what it is, and its subvolumes and snapshots. */
export function VolumeView({ volume }: { readonly volume: Volume }): ReactElement {
  const subvolumes = useAsk('subvolumes.list', { volumeId: volume.volumeId });
  const [chosenId, setChosenId] = useState<number | null>(null);
  const chosen = subvolumes.data?.find((s) => s.subvolumeId === chosenId);
  return (
    <>
      <section className={styles.view} aria-label={volume.name}>
        <VolumeFacts volume={volume} />
        {volume.problem && <ErrorNotice error={volume.problem} urgent={false} inset />}
        {subvolumes.isPending && <Waiting rows={6} rowPx={36} inset />}
        {subvolumes.error && (
          <ErrorNotice error={subvolumes.error} onRetry={() => void subvolumes.refetch()} inset />
        )}
        {subvolumes.data?.length === 0 && <Empty title={t('drives.noSubvolumes')} />}
        {subvolumes.data && subvolumes.data.length > 0 && (
          <SubvolumeTable subvolumes={subvolumes.data} chosenId={chosenId} onChoose={setChosenId} />
        )}
      </section>
      {chosen && (
        <SubvolumePane
          key={chosen.subvolumeId}
          volume={volume}
          subvolume={chosen}
          all={subvolumes.data ?? []}
          onClose={() => setChosenId(null)}
        />
      )}
    </>
  );
}

function VolumeFacts({ volume }: { readonly volume: Volume }): ReactElement {
  const forget = useAct('volumes.forget', ['volumes.list', 'sources.list']);
  const mounts = volume.mounts.map((mount) => printable(mount.path));
  const devices = volume.devices.map((d) =>
    d.path === null ? t('drives.missingDevice', { id: d.deviceId }) : printable(d.path),
  );
  const { data, metadata } = volume.profiles;
  return (
    <div className={styles.facts}>
      <h2>
        <bdi>{volume.name}</bdi>
      </h2>
      <p>
        {mounts.length > 0
          ? t('drives.mountedAt', { paths: joinWords(mounts) })
          : t('drives.mountedNowhere')}{' '}
        {volume.canReceive ? t('drives.canReceive') : ''}
      </p>
      <p className={styles.exact}>
        {devices.join(', ')}
        {data !== '' && ` · ${t('drives.profiles', { data, metadata })}`}
        {volume.checksum !== '' && ` · ${volume.checksum}`}
        {volume.fsid !== null && ` · ${volume.fsid}`}
      </p>
      {volume.kind === 'image' && (
        <Button
          variant="default"
          size="xs"
          mt={8}
          loading={forget.isPending}
          onClick={() => forget.mutate({ volumeId: volume.volumeId })}
        >
          {t('drives.forget')}
        </Button>
      )}
      {forget.error && <ErrorNotice error={forget.error} />}
    </div>
  );
}
