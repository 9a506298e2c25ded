import { TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { t } from '../../text/index.ts';

interface FolderFieldProps {
  readonly folder: string;
  readonly onChange: (folder: string) => void;
}

/** Where on the drive the backup goes; empty is its top. */
export function FolderField({ folder, onChange }: FolderFieldProps): ReactElement {
  return (
    <TextInput
      label={t('backup.folder')}
      placeholder={t('backup.folderTop')}
      value={folder}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
