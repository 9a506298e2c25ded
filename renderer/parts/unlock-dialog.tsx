import { Checkbox, PasswordInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { Drive } from '../../shared/model/drive.ts';
import { useAct } from '../bridge/queries.ts';
import { t } from '../text/index.ts';
import { Asking } from './asking.tsx';

const STALE = ['drives.list', 'volumes.list', 'sources.list'] as const;

interface UnlockDialogProps {
  readonly drive: Drive;
  readonly onClose: () => void;
  /** With the id that it has once what it holds is known. */
  readonly onMounted?: (driveId: string) => void;
}

/** Asks for the passphrase of LUKS; it goes to the service, and to the keyring if asked. */
export function UnlockDialog({ drive, onClose, onMounted }: UnlockDialogProps): ReactElement {
  const mount = useAct('drives.mount', STALE);
  const [passphrase, setPassphrase] = useState('');
  const [keep, setKeep] = useState(false);
  const { driveId, name } = drive;
  const isKept = drive.luks?.passphrase === 'keyring';
  return (
    <Asking
      title={t('drive.unlockTitle', { name })}
      action={t('drive.unlockAction')}
      canBegin={passphrase !== '' || isKept}
      isBusy={mount.isPending}
      error={mount.error}
      onClose={onClose}
      onBegin={() =>
        mount.mutate(
          { driveId, keep, ...(passphrase === '' ? {} : { passphrase }) },
          {
            onSuccess: ({ drive: mounted }) => {
              onClose();
              onMounted?.(mounted.driveId);
            },
          },
        )
      }
    >
      {isKept && <p className="plain">{t('drive.passphraseKept')}</p>}
      <PasswordInput
        label={t('drive.passphrase')}
        description={isKept && t('drive.passphraseEmpty')}
        value={passphrase}
        maxLength={512}
        onChange={(event) => setPassphrase(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': t('drive.showPassphrase') }}
        data-autofocus
      />
      <Checkbox
        label={t('drive.keep')}
        checked={keep}
        onChange={(event) => setKeep(event.currentTarget.checked)}
      />
      <p className="quiet">{t('drive.marker')}</p>
    </Asking>
  );
}
