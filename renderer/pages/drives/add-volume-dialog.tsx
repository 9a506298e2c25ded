import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { Volume } from '../../../shared/model/volume.ts';
import { useAct } from '../../bridge/queries.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { t } from '../../text/index.ts';

interface AddVolumeDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onAdded: (volume: Volume) => void;
}

/** Opens an image or a device that is not mounted, by its path; it is only ever read. */
export function AddVolumeDialog({ opened, onClose, onAdded }: AddVolumeDialogProps): ReactElement {
  const add = useAct('volumes.add', ['volumes.list']);
  const [path, setPath] = useState('');
  const begin = (): void =>
    add.mutate(
      { path },
      {
        onSuccess: (volume) => {
          setPath('');
          onClose();
          onAdded(volume);
        },
      },
    );
  return (
    <Dialog opened={opened} onClose={onClose} title={t('drives.addTitle')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          begin();
        }}
      >
        <Stack>
          <TextInput
            label={t('drives.addPath')}
            description={t('drives.addHelp')}
            placeholder={t('drives.addExample')}
            value={path}
            onChange={(event) => setPath(event.currentTarget.value)}
            data-autofocus
          />
          {window.dendro && (
            <Button
              variant="default"
              onClick={() =>
                void window.dendro!.choose('file').then((chosen) => setPath(chosen ?? path))
              }
            >
              {t('drives.choose')}
            </Button>
          )}
          {add.error && <ErrorNotice error={add.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.close')}
            </Button>
            <Button type="submit" disabled={path === ''} loading={add.isPending}>
              {t('drives.addAction')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
