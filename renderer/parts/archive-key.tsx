import { Button, PasswordInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { giveKey } from '../bridge/keys.ts';
import { t } from '../text/index.ts';
import styles from './archive-key.module.css';

interface ArchiveKeyProps {
  /** The archive's place, and what to call it. */
  readonly volumeId: string;
  readonly name: string;
  /** What was given does not open it. */
  readonly isWrong?: boolean;
}

/** Asks for what opens an encrypted archive. It stays in this page. */
export function ArchiveKey({ volumeId, name, isWrong = false }: ArchiveKeyProps): ReactElement {
  const [typed, setTyped] = useState('');
  return (
    <form
      className={styles.key}
      onSubmit={(event) => {
        event.preventDefault();
        giveKey(volumeId, typed);
      }}
    >
      <PasswordInput
        label={t('archiveKey.label', { name })}
        description={t('archiveKey.stays')}
        error={isWrong ? t('archiveKey.wrong') : undefined}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': t('archive.show') }}
        className={styles.field ?? ''}
      />
      <Button type="submit" variant="default" disabled={typed === ''}>
        {t('archive.unlock')}
      </Button>
    </form>
  );
}
