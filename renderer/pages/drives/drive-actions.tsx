import { Button, Group } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { Drive } from '../../../shared/model/drive.ts';
import type { Volume } from '../../../shared/model/volume.ts';
import { useAct } from '../../bridge/queries.ts';
import { isOffered } from '../../model/offered.ts';
import { useAnnounce } from '../../parts/announcer.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Notice } from '../../parts/notice.tsx';
import { t } from '../../text/index.ts';
import { UnlockDialog } from '../../parts/unlock-dialog.tsx';
import { ForgetDialog, RenameDialog } from './drive-dialogs.tsx';

const STALE = ['drives.list', 'volumes.list', 'sources.list'] as const;

type Asking = 'unlock' | 'rename' | 'forget' | null;

interface DriveActionsProps {
  readonly drive: Drive;
  readonly volume: Volume | null;
}

/** What can be done with a drive as it stands now. */
export function DriveActions({ drive, volume }: DriveActionsProps): ReactElement | null {
  const mount = useAct('drives.mount', STALE);
  const change = useAct('drives.change', STALE);
  const verify = useAct('verify.start');
  const [asking, setAsking] = useState<Asking>(null);
  const { driveId, state, luks } = drive;
  const isHere = state !== 'away';
  const error = mount.error ?? change.error ?? verify.error;
  if (state === 'blank') return null;
  return (
    <>
      <Group gap="xs" mt={12}>
        {state === 'mounted' && !drive.onSystemDisk && <Release drive={drive} />}
        {state === 'unmounted' && isOffered(drive) && (
          <Button size="xs" loading={mount.isPending} onClick={() => mount.mutate({ driveId })}>
            {t(drive.known ? 'drive.mount' : 'drive.use')}
          </Button>
        )}
        {state === 'locked' && isOffered(drive) && (
          <Button size="xs" onClick={() => setAsking('unlock')}>
            {t('drive.unlock')}
          </Button>
        )}
        {volume && isHere && volume.problem === null && (
          <Button
            size="xs"
            variant="default"
            title={t('drive.proveHelp')}
            loading={verify.isPending}
            onClick={() => verify.mutate({ volumeId: volume.volumeId })}
          >
            {t('drive.prove')}
          </Button>
        )}
        {drive.known && (
          <Button size="xs" variant="default" onClick={() => setAsking('rename')}>
            {t('drive.rename')}
          </Button>
        )}
        {luks?.passphrase === 'keyring' && (
          <Button
            size="xs"
            variant="default"
            onClick={() => change.mutate({ driveId, passphrase: 'ask' })}
          >
            {t('drive.forgetPassphrase')}
          </Button>
        )}
        {drive.known && !drive.system && (
          <Button size="xs" variant="default" onClick={() => setAsking('forget')}>
            {t('drive.forget')}
          </Button>
        )}
      </Group>
      {error && <ErrorNotice error={error} />}
      {asking === 'unlock' && <UnlockDialog drive={drive} onClose={() => setAsking(null)} />}
      {asking === 'rename' && <RenameDialog drive={drive} onClose={() => setAsking(null)} />}
      {asking === 'forget' && <ForgetDialog drive={drive} onClose={() => setAsking(null)} />}
    </>
  );
}

function Release({ drive }: { readonly drive: Drive }): ReactElement {
  const release = useAct('drives.release', STALE);
  const announce = useAnnounce();
  const { name, driveId } = drive;
  const done = release.data;
  return (
    <>
      <Button
        size="xs"
        loading={release.isPending}
        disabled={drive.inUse > 0}
        onClick={() =>
          release.mutate(
            { driveId },
            { onSuccess: ({ state }) => announce(t(`drive.released.${state}`, { name })) },
          )
        }
      >
        {t('drive.release')}
      </Button>
      {release.error && <ErrorNotice error={release.error} />}
      {done && (
        <Notice tone={done.safeToUnplug ? 'proven' : 'needs-you'}>
          {done.safeToUnplug
            ? t(`drive.released.${done.state}`, { name })
            : t('drive.notReleased', { name })}
        </Notice>
      )}
    </>
  );
}
