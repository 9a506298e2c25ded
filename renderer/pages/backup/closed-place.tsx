import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useAct } from '../../bridge/queries.ts';
import { filesystemName } from '../../format/filesystem.ts';
import type { BackupPlace } from '../../model/backup-places.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Notice } from '../../parts/notice.tsx';
import { UnlockDialog } from '../../parts/unlock-dialog.tsx';
import { t } from '../../text/index.ts';

interface ClosedPlaceProps {
  readonly place: BackupPlace & { readonly kind: 'closed' };
  /** With the id that the drive has from now on: what is in a locked one is known only then. */
  readonly onMounted: (id: string) => void;
}

const STALE = ['drives.list', 'volumes.list', 'sources.list'] as const;

/** A drive that is plugged in and not mounted: one button away from being used. */
export function ClosedPlace({ place, onMounted }: ClosedPlaceProps): ReactElement {
  const mount = useAct('drives.mount', STALE);
  const [isAsking, setAsking] = useState(false);
  const { drive, filesystem, name } = place;
  const isLocked = drive.state === 'locked';
  return (
    <>
      <Notice
        tone="plain"
        actions={
          <Button
            loading={mount.isPending}
            onClick={() =>
              isLocked
                ? setAsking(true)
                : mount.mutate(
                    { driveId: drive.driveId },
                    { onSuccess: ({ drive: { driveId } }) => onMounted(driveId) },
                  )
            }
          >
            {t(isLocked ? 'drive.unlock' : 'drive.mount')}
          </Button>
        }
      >
        <p className="plain">{t(isLocked ? 'backup.isLocked' : 'backup.isUnmounted', { name })}</p>
        <p className="plain">
          {filesystem === 'btrfs' && t('drive.canBtrfs')}
          {filesystem !== 'btrfs' &&
            filesystem !== '' &&
            t('drive.canStreams', { filesystem: filesystemName(filesystem) })}{' '}
          {t('drive.marker')}
        </p>
      </Notice>
      {mount.error && <ErrorNotice error={mount.error} />}
      {isAsking && (
        <UnlockDialog drive={drive} onClose={() => setAsking(false)} onMounted={onMounted} />
      )}
    </>
  );
}
