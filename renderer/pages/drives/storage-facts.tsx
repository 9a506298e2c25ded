import { Button } from '@mantine/core';
import { Fragment, type ReactElement } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Drive } from '../../../shared/model/drive.ts';
import type { Volume } from '../../../shared/model/volume.ts';
import { useAct } from '../../bridge/queries.ts';
import { formatMoment } from '../../format/time.ts';
import type { Storage } from '../../model/drive-list.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { joinWords, t } from '../../text/index.ts';
import { roomWords } from './storage-list.tsx';
import styles from './drives.module.css';

/** Its state in a sentence, and below it what a kernel developer asks for. */
export function StorageFacts({ storage }: { readonly storage: Storage }): ReactElement {
  const { drive, volume } = storage;
  return (
    <>
      <p>{drive ? driveWords(drive, storage) : volume && volumeWords(volume)}</p>
      {drive && (
        <p className={styles.exact} translate="no">
          <Together parts={deviceParts(drive)} />
        </p>
      )}
      {volume && (
        <p className={styles.exact} translate="no">
          <Together parts={volumeParts(volume, drive === null)} />
        </p>
      )}
      {volume?.kind === 'image' && <ForgetImage volume={volume} />}
    </>
  );
}

function driveWords(drive: Drive, storage: Storage): string {
  const at = drive.lastSeenAtMs;
  const mounts = drive.mounts.map((path) => printable(path));
  return [
    drive.state === 'away'
      ? t('drive.state.away', { moment: formatMoment({ at, now: Date.now() }) })
      : t(`drive.state.${drive.state}`),
    drive.state === 'mounted' && roomWords(storage) + '.',
    mounts.length > 0 && t('drives.mountedAt', { paths: joinWords(mounts) }),
    drive.system && t('drive.system'),
    drive.onSystemDisk && !drive.system && t('drive.onSystemDisk'),
    drive.luks &&
      t(drive.luks.passphrase === 'keyring' ? 'drive.passphraseKept' : 'drive.passphraseAsked'),
    drive.inUse > 0 && t('drive.inUse', { count: drive.inUse }),
  ]
    .filter((words) => typeof words === 'string')
    .join(' ');
}

function volumeWords(volume: Volume): string {
  const mounts = volume.mounts.map((mount) => printable(mount.path));
  const where =
    mounts.length > 0
      ? t('drives.mountedAt', { paths: joinWords(mounts) })
      : t('drives.mountedNowhere');
  return volume.canReceive ? `${where} ${t('drives.canReceive')}` : where;
}

function deviceParts({ disk, devicePath, driveId, filesystem }: Drive): string[] {
  const model = disk && [disk.vendor, disk.model].filter((word) => word !== '').join(' ');
  const parts = [
    model,
    disk?.serial,
    disk?.transport,
    devicePath === null ? null : printable(devicePath),
    filesystem,
    // Without a filesystem its id is made of the path that is told already.
    filesystem === '' ? null : driveId,
  ];
  return parts.flatMap((word) => word || []);
}

/** With what names it where no drive above it does. */
function volumeParts(volume: Volume, isAlone: boolean): string[] {
  const { data, metadata } = volume.profiles;
  const devices = volume.devices.map((d) =>
    d.path === null ? t('drives.missingDevice', { id: d.deviceId }) : printable(d.path),
  );
  return [
    isAlone || devices.length > 1 ? devices.join(', ') : '',
    data === '' ? '' : t('drives.profiles', { data, metadata }),
    volume.checksum,
    isAlone ? (volume.fsid ?? '') : '',
  ].filter((word) => word !== '');
}

/** Words with dots between them; a line ends between two, not within an id. */
function Together({ parts }: { readonly parts: readonly string[] }): ReactElement {
  return (
    <>
      {parts.map((part, i) => (
        <Fragment key={part}>
          {i > 0 && ' · '}
          <span className={styles.together}>{part}</span>
        </Fragment>
      ))}
    </>
  );
}

function ForgetImage({ volume }: { readonly volume: Volume }): ReactElement {
  const forget = useAct('volumes.forget', ['volumes.list', 'sources.list']);
  return (
    <>
      <Button
        variant="default"
        size="xs"
        mt={8}
        loading={forget.isPending}
        onClick={() => forget.mutate({ volumeId: volume.volumeId })}
      >
        {t('drives.forget')}
      </Button>
      {forget.error && <ErrorNotice error={forget.error} />}
    </>
  );
}
