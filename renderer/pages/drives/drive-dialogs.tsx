import { useState, type ReactElement } from 'react';
import { TextInput } from '@mantine/core';
import type { Drive } from '../../../shared/model/drive.ts';
import { useAct } from '../../bridge/queries.ts';
import { Asking } from '../../parts/asking.tsx';
import { t } from '../../text/index.ts';

const STALE = ['drives.list', 'volumes.list', 'sources.list'] as const;

interface DriveDialogProps {
  readonly drive: Drive;
  readonly onClose: () => void;
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
