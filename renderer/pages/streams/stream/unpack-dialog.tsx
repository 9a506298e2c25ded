import { Button, Group, Radio, Stack, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useAct, useAsk } from '../../../bridge/queries.ts';
import { Dialog } from '../../../parts/dialog.tsx';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { t } from '../../../text/index.ts';
import { RunToEnd } from '../run-to-end.tsx';

interface UnpackDialogProps {
  readonly paths: readonly string[];
  readonly onClose: () => void;
}

/** All of a stream into a folder: plain files anywhere, or a snapshot on a btrfs. */
export function UnpackDialog({ paths, onClose }: UnpackDialogProps): ReactElement {
  const info = useAsk('service.info', {});
  const [typed, setTyped] = useState<string | null>(null);
  const [how, setHow] = useState<'plain' | 'snapshot'>('plain');
  const start = useAct('stream.unpack');
  const folder = (typed ?? info.data?.homePath ?? '').trim();
  return (
    <Dialog onClose={onClose} size={560} title={t('unpack.title')}>
      {start.data ? (
        <RunToEnd runId={start.data.runId} done={t('unpack.done')} onClose={onClose} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            start.mutate({ paths: [...paths], folder, asSnapshot: how === 'snapshot' });
          }}
        >
          <Stack>
            <TextInput
              label={t('unpack.folder')}
              description={t('unpack.folderHelp')}
              value={folder}
              onChange={(event) => setTyped(event.currentTarget.value)}
              error={folder !== '' && !folder.startsWith('/') ? t('streams.absolute') : undefined}
              data-autofocus
            />
            <Radio.Group
              label={t('unpack.how')}
              value={how}
              onChange={(value) => setHow(value === 'snapshot' ? 'snapshot' : 'plain')}
            >
              <Stack gap={8} mt={8}>
                <Radio
                  value="plain"
                  label={t('unpack.plain')}
                  description={t('unpack.plainHelp')}
                />
                <Radio
                  value="snapshot"
                  label={t('unpack.snapshot')}
                  description={t('unpack.snapshotHelp')}
                />
              </Stack>
            </Radio.Group>
            {start.error && <ErrorNotice error={start.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {t('action.close')}
              </Button>
              <Button type="submit" loading={start.isPending} disabled={!folder.startsWith('/')}>
                {t('unpack.go')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}
