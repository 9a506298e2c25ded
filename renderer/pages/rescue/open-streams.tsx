import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { secretsFrom } from '../../bridge/keys.ts';
import { useAct, useAsk } from '../../bridge/queries.ts';
import { addressPart } from '../../model/address.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { RunRow } from '../../parts/run-row.tsx';
import { t } from '../../text/index.ts';
import styles from './rescue.module.css';

interface OpenStreamsProps {
  readonly runId: string;
  readonly holder: number;
  readonly homePath: string;
  readonly count: number;
  /** Some of them open with a key only. */
  readonly isEncrypted: boolean;
}

/** Loose stream files build on each other: together, as an archive, they can be looked into. */
export function OpenStreams(props: OpenStreamsProps): ReactElement {
  const { runId, holder, homePath, count, isEncrypted } = props;
  const [key, setKey] = useState('');
  const [typed, setTyped] = useState<string | null>(null);
  const open = useAct('recover.open');
  const folder = (typed ?? `${homePath}/${t('rescue.streamFolder')}`).trim();
  const opening = open.data?.runId ?? '';
  const run = useAsk('runs.get', { runId: opening }, { enabled: opening !== '' });
  if (run.data?.state === 'done') {
    return (
      <Button component={Link} href={`/streams/archive/${addressPart(folder)}`}>
        {t('rescue.openedStreams')}
      </Button>
    );
  }
  if (run.data?.state === 'running') return <RunRow run={run.data} />;
  return (
    <form
      className={styles.path}
      onSubmit={(event) => {
        event.preventDefault();
        const secrets = secretsFrom(key);
        open.mutate({ runId, holder, folder, ...(secrets && { secrets }) });
      }}
    >
      <TextInput
        label={t('rescue.streams', { count })}
        description={t('rescue.streamsHelp')}
        value={folder}
        onChange={(event) => setTyped(event.currentTarget.value)}
        error={folder.startsWith('/') ? undefined : t('rescue.absolute')}
      />
      {isEncrypted && (
        <PasswordInput
          label={t('rescue.streamsKey')}
          description={t('archiveKey.stays')}
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('archive.show') }}
        />
      )}
      <Button type="submit" loading={open.isPending} disabled={!folder.startsWith('/')}>
        {t('rescue.openStreams')}
      </Button>
      {open.error && <ErrorNotice error={open.error} />}
      {run.data?.error && <ErrorNotice error={run.data.error} />}
    </form>
  );
}
