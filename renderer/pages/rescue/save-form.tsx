import { Button, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useAct } from '../../bridge/queries.ts';
import { shellWord } from '../../model/shell-word.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { t } from '../../text/index.ts';
import styles from './rescue.module.css';
import { SaveOutcome } from './save-outcome.tsx';

interface SaveFormProps {
  readonly paths: readonly string[];
  readonly subvolumeIds: readonly number[];
  readonly homePath: string;
}

/** Where to, and what the button will do. Nothing is ever written to the disk in trouble. */
export function SaveForm({ paths, subvolumeIds, homePath }: SaveFormProps): ReactElement {
  const [typed, setTyped] = useState<string | null>(null);
  const start = useAct('rescue.start');
  const folder = (typed ?? `${homePath}/${t('rescue.folderName')}`).trim();
  if (start.data) return <SaveOutcome runId={start.data.runId} onAgain={() => start.reset()} />;
  const command = ['dendro', 'rescue', '--to', folder, ...paths].map(shellWord).join(' ');
  return (
    <form
      className={styles.save}
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate({ paths: [...paths], folder, subvolumeIds: [...subvolumeIds] });
      }}
    >
      <h3 className={styles.question}>{t('rescue.where')}</h3>
      <TextInput
        size="md"
        label={t('rescue.folder')}
        description={t('rescue.folderHelp')}
        value={folder}
        onChange={(event) => setTyped(event.currentTarget.value)}
        error={folder.startsWith('/') ? undefined : t('rescue.absolute')}
      />
      {start.error && <ErrorNotice error={start.error} />}
      <Button
        type="submit"
        size="md"
        loading={start.isPending}
        disabled={subvolumeIds.length === 0 || !folder.startsWith('/')}
      >
        {t('rescue.save', { count: subvolumeIds.length })}
      </Button>
      <CopyLine text={command} />
    </form>
  );
}
