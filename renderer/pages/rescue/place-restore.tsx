import { Button, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState, type ReactElement } from 'react';
import type { PointPlace } from '../../../shared/model/place.ts';
import { useAct, useAsk } from '../../bridge/queries.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Notice } from '../../parts/notice.tsx';
import { RestoreOutcome } from '../../parts/restore/restore-outcome.tsx';
import styles from '../../parts/restore/restore.module.css';
import { buttonWords, roomWords, willWords } from '../../parts/restore/words.ts';
import { t } from '../../text/index.ts';

interface PlaceRestoreProps {
  readonly place: PointPlace;
  /** The path '' is everything. */
  readonly paths: readonly string[];
  /** What to begin with. */
  readonly folder: string;
}

/** Into a folder that is there; what stands in it stays. */
export function PlaceRestore({ place, paths, folder: first }: PlaceRestoreProps): ReactElement {
  const [folder, setFolder] = useState(first);
  const [settled] = useDebouncedValue(folder.trim(), 250);
  const request = { place, paths: [...paths], folder: settled };
  const isUsable = settled.startsWith('/');
  const preview = useAsk('place.restorePreview', request, { enabled: isUsable, staleMs: 0 });
  const start = useAct('place.restore');
  if (start.data) return <RestoreOutcome runId={start.data.runId} onAgain={() => start.reset()} />;
  const plan = isUsable && !preview.error ? preview.data : undefined;
  return (
    <Stack gap="xs">
      <TextInput
        label={t('restore.folder')}
        value={folder}
        onChange={(event) => setFolder(event.currentTarget.value)}
        error={folder !== '' && !folder.startsWith('/') ? t('restore.folderAbsolute') : undefined}
      />
      {preview.error && <ErrorNotice error={preview.error} urgent={false} />}
      {plan && !plan.fits && <Notice tone="needs-you">{roomWords(plan)}</Notice>}
      {start.error && <ErrorNotice error={start.error} />}
      <Button
        className={styles.go}
        disabled={!plan || !plan.fits || plan.items.length === 0}
        loading={start.isPending}
        onClick={() => start.mutate(request)}
      >
        <bdi>{plan ? buttonWords(plan, paths) : t('restore.counting')}</bdi>
      </Button>
      {plan && <p className={styles.will}>{willWords(plan)}</p>}
      {plan && plan.commandLine !== '' && <CopyLine text={plan.commandLine} />}
    </Stack>
  );
}
