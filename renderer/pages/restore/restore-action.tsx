import { Button, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState, type ReactElement } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { RestorePreview, RestoreRequest } from '../../../shared/model/backup.ts';
import type { SubvolumeRef } from '../../../shared/model/subvolume.ts';
import { useAct, useAsk } from '../../bridge/queries.ts';
import { formatCount, formatSize } from '../../format/size.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { t } from '../../text/index.ts';
import { RestoreOutcome } from './restore-outcome.tsx';
import styles from './restore.module.css';

interface RestoreActionProps {
  readonly point: SubvolumeRef;
  readonly path: string;
  readonly name: string;
}

/** Where to, and a button that says exactly what it will do; afterwards what was done. */
export function RestoreAction({ point, path, name }: RestoreActionProps): ReactElement {
  const info = useAsk('service.info', {});
  const [kind, setKind] = useState<'original' | 'folder'>('original');
  const [typed, setTyped] = useState<string | null>(null);
  const folder = typed ?? info.data?.homePath ?? '';
  const [settled] = useDebouncedValue(folder, 250);
  const request: RestoreRequest = {
    point,
    paths: [path],
    destination: kind === 'original' ? { kind } : { kind, path: settled },
  };
  const usable = kind === 'original' || settled.startsWith('/');
  const preview = useAsk('restore.preview', request, { enabled: usable, staleMs: 0 });
  const start = useAct('restore.start');
  if (start.data) return <RestoreOutcome runId={start.data.runId} onAgain={() => start.reset()} />;
  return (
    <Stack gap="xs">
      <SegmentedControl
        size="xs"
        aria-label={t('restore.where')}
        value={kind}
        onChange={(value) => setKind(value === 'folder' ? 'folder' : 'original')}
        data={[
          { value: 'original', label: t('restore.toOriginal') },
          { value: 'folder', label: t('restore.toFolder') },
        ]}
      />
      {kind === 'folder' && (
        <TextInput
          size="xs"
          aria-label={t('restore.folder')}
          value={folder}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={folder !== '' && !folder.startsWith('/') ? t('restore.folderAbsolute') : undefined}
        />
      )}
      {preview.error && <ErrorNotice error={preview.error} urgent={false} />}
      {start.error && <ErrorNotice error={start.error} />}
      <Button
        className={styles.go}
        disabled={!preview.data || !usable}
        loading={start.isPending}
        onClick={() => start.mutate(request)}
      >
        <bdi>{preview.data ? buttonWords(preview.data, name) : t('restore.button', { name })}</bdi>
      </Button>
      {preview.data && <p className={styles.will}>{willWords(preview.data)}</p>}
    </Stack>
  );
}

function buttonWords({ items }: RestorePreview, name: string): string {
  const item = items[0];
  if (!item) return t('restore.button', { name });
  const to = printable(item.to);
  const cut = to.lastIndexOf('/');
  const folder = to.slice(0, cut).split('/').at(-1) ?? '';
  return item.keepsExisting
    ? t('restore.buttonBeside', { name: to.slice(cut + 1) })
    : t('restore.buttonTo', { name, folder: folder === '' ? '/' : folder });
}

function willWords({ items, files, bytes }: RestorePreview): string {
  const figures = { count: files, files: formatCount(files), size: formatSize(bytes) };
  const path = printable(items[0]?.to ?? '');
  return items[0]?.keepsExisting
    ? t('restore.willKeep', { ...figures, path })
    : t('restore.will', { ...figures, path });
}
