import { Modal } from '@mantine/core';
import {
  createContext,
  useContext,
  useMemo,
  useState,
  type ReactElement,
  type ReactNode,
} from 'react';
import type { SubvolumeRef } from '../../../shared/model/subvolume.ts';
import { t } from '../../text/index.ts';
import { BackupForm } from './backup-form.tsx';

interface BackupOpener {
  /** Opens the dialog, for this source or for the one that needs it most. */
  open(source?: SubvolumeRef): void;
}

const BackupContext = createContext<BackupOpener>({ open: () => undefined });

export function useBackup(): BackupOpener {
  return useContext(BackupContext);
}

/** Holds the one "Back up now" dialog, which every page can open. */
export function BackupProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [asked, setAsked] = useState<{ source?: SubvolumeRef | undefined } | null>(null);
  const opener = useMemo(() => ({ open: (source?: SubvolumeRef) => setAsked({ source }) }), []);
  const close = (): void => setAsked(null);
  return (
    <BackupContext.Provider value={opener}>
      {children}
      <Modal
        opened={asked !== null}
        onClose={close}
        title={t('backup.title')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
        size={620}
      >
        {asked && <BackupForm asked={asked.source} onDone={close} />}
      </Modal>
    </BackupContext.Provider>
  );
}
