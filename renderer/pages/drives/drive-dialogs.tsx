import { Button, Checkbox, Group, Modal, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useState, type ReactElement, type ReactNode } from 'react';
import type { Drive } from '../../../shared/model/drive.ts';
import { useAct } from '../../bridge/queries.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { t } from '../../text/index.ts';

const STALE = ['drives.list', 'volumes.list', 'sources.list'] as const;

interface DriveDialogProps {
  readonly drive: Drive;
  readonly onClose: () => void;
}

/** Asks for the passphrase of LUKS; it goes to the service, and to the keyring if asked. */
export function UnlockDialog({ drive, onClose }: DriveDialogProps): ReactElement {
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
          { onSuccess: onClose },
        )
      }
    >
      {isKept && <p className="plain">{t('drive.passphraseKept')}</p>}
      <PasswordInput
        label={t('drive.passphrase')}
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

export function RenameDialog({ drive, onClose }: DriveDialogProps): ReactElement {
  const change = useAct('drives.change', STALE);
  const [name, setName] = useState(drive.name);
  return (
    <Asking
      title={t('drive.renameTitle', { name: drive.name })}
      action={t('drive.renameAction')}
      canBegin={name.trim() !== ''}
      isBusy={change.isPending}
      error={change.error}
      onClose={onClose}
      onBegin={() => change.mutate({ driveId: drive.driveId, name }, { onSuccess: onClose })}
    >
      <TextInput
        label={t('drives.createName')}
        value={name}
        maxLength={200}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
    </Asking>
  );
}

export function ForgetDialog({ drive, onClose }: DriveDialogProps): ReactElement {
  const forget = useAct('drives.forget', STALE);
  return (
    <Asking
      title={t('drive.forgetTitle', { name: drive.name })}
      action={t('drive.forgetConfirm')}
      canBegin
      isBusy={forget.isPending}
      error={forget.error}
      onClose={onClose}
      onBegin={() => forget.mutate({ driveId: drive.driveId }, { onSuccess: onClose })}
    >
      <p className="plain">{t('drive.forgetText')}</p>
    </Asking>
  );
}

interface AskingProps {
  readonly title: string;
  readonly action: string;
  readonly canBegin: boolean;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onClose: () => void;
  readonly onBegin: () => void;
  readonly children: ReactNode;
}

/** A question before something is done; Enter does it, Escape does not. */
export function Asking(props: AskingProps): ReactElement {
  const { title, action, canBegin, isBusy, error, onClose, onBegin, children } = props;
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (canBegin) onBegin();
        }}
      >
        <Stack>
          {children}
          {error !== null && <ErrorNotice error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.close')}
            </Button>
            <Button type="submit" disabled={!canBegin} loading={isBusy}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
