import { Tabs } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { Storage } from '../../model/drive-list.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { t } from '../../text/index.ts';
import { ChainSection } from './chain-section.tsx';
import { CostSection } from './cost-section.tsx';
import { DriveActions } from './drive-actions.tsx';
import { NewDrive } from './new-drive.tsx';
import { PinSection } from './pin-section.tsx';
import { SpaceSection } from './space-section.tsx';
import { StorageFacts } from './storage-facts.tsx';
import { SubvolumeView } from './subvolume-view.tsx';
import styles from './drives.module.css';

/** One drive: what it is and can do, and behind a tab its subvolumes. */
export function StorageView({ storage }: { readonly storage: Storage }): ReactElement {
  const { volume } = storage;
  const isImage = storage.drive === null;
  const [tab, setTab] = useState<string | null>(isImage && volume ? 'snapshots' : 'overview');
  return (
    <section className={styles.view} aria-label={storage.name}>
      <div className={styles.facts}>
        <h2>
          <bdi>{storage.name}</bdi>
        </h2>
        <StorageFacts storage={storage} />
        {storage.drive && <DriveActions drive={storage.drive} volume={volume} />}
      </div>
      {volume?.problem && <ErrorNotice error={volume.problem} urgent={false} inset />}
      {storage.drive?.problem && <ErrorNotice error={storage.drive.problem} urgent={false} inset />}
      {volume === null ? (
        <Overview storage={storage} />
      ) : (
        <Tabs value={tab} onChange={setTab} className={styles.tabs} keepMounted={false}>
          <Tabs.List px="var(--edge)">
            <Tabs.Tab value="overview">{t('drive.tabOverview')}</Tabs.Tab>
            <Tabs.Tab value="snapshots">{t('drive.tabSnapshots')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="overview" className={styles.panel}>
            <Overview storage={storage} />
          </Tabs.Panel>
          <Tabs.Panel value="snapshots" className={styles.panel}>
            <SubvolumeView volume={volume} />
          </Tabs.Panel>
        </Tabs>
      )}
    </section>
  );
}

function Overview({ storage }: { readonly storage: Storage }): ReactElement {
  const { drive, volume } = storage;
  const isNew = drive !== null && !drive.known && !drive.system;
  const placeId = volume?.volumeId ?? drive?.driveId ?? storage.id;
  return (
    <Scroll label={t('drive.tabOverview')}>
      <div className={styles.sections}>
        {isNew && drive.state !== 'away' && <NewDrive drive={drive} />}
        <SpaceSection storage={storage} placeId={placeId} />
        <ChainSection placeId={placeId} placeName={storage.name} />
        <PinSection placeId={placeId} placeName={storage.name} />
        {volume && volume.problem === null && <CostSection volume={volume} />}
      </div>
    </Scroll>
  );
}
