import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { CallInput } from '../../../../shared/contract/calls.ts';
import { printable } from '../../../../shared/model/bytes-text.ts';
import { useAct, useAsk } from '../../../bridge/queries.ts';
import { Dialog } from '../../../parts/dialog.tsx';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { ClashChoice, type Clash } from '../../../parts/restore/clash-choice.tsx';
import { joinWords, t } from '../../../text/index.ts';
import { RunToEnd } from '../run-to-end.tsx';

interface ArchiveRestoreDialogProps {
  readonly point: Pick<CallInput<'archive.restore'>, 'folder' | 'point' | 'secrets'>;
  /** None: everything. */
  readonly paths: readonly string[];
  readonly onClose: () => void;
}

const NAMED = 3;

/** Files of an archive into a folder; nothing that stands there is lost. */
export function ArchiveRestoreDialog(props: ArchiveRestoreDialogProps): ReactElement {
  const { point, paths, onClose } = props;
  const info = useAsk('service.info', {});
  const [typed, setTyped] = useState<string | null>(null);
  const [clash, setClash] = useState<Clash>('keep-both');
  const start = useAct('archive.restore');
  const destination = (typed ?? info.data?.homePath ?? '').trim();
  const names = paths.slice(0, NAMED).map((path) => printable(path.split('/').at(-1)!));
  const more = paths.length - names.length;
  return (
    <Dialog
      onClose={onClose}
      size={560}
      title={
        paths.length === 0
          ? t('archive.restoreAllTitle')
          : t('archive.restoreSomeTitle', { count: paths.length })
      }
    >
      {start.data ? (
        <RunToEnd runId={start.data.runId} done={t('archive.restored')} onClose={onClose} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            start.mutate({ ...point, paths: [...paths], destination, clash });
          }}
        >
          <Stack>
            {names.length > 0 && (
              <p className="plain">
                {joinWords(more > 0 ? [...names, t('archive.more', { count: more })] : names)}
              </p>
            )}
            <TextInput
              label={t('restore.folder')}
              value={destination}
              onChange={(event) => setTyped(event.currentTarget.value)}
              error={
                destination !== '' && !destination.startsWith('/')
                  ? t('restore.folderAbsolute')
                  : undefined
              }
              data-autofocus
            />
            {/* A whole moment becomes a snapshot of its own where it can. */}
            {paths.length > 0 && <ClashChoice isAhead clash={clash} onChange={setClash} />}
            {start.error && <ErrorNotice error={start.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {t('action.close')}
              </Button>
              <Button
                type="submit"
                loading={start.isPending}
                disabled={!destination.startsWith('/')}
              >
                {t('archive.go')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}
