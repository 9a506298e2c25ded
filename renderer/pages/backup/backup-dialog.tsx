import {
  createContext,
  Suspense,
  useContext,
  useMemo,
  useState,
  type ReactElement,
  type ReactNode,
} from 'react';
import type { SubvolumeRef } from '../../../shared/model/subvolume.ts';
import { t } from '../../text/index.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { onDemand } from '../../parts/on-demand.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import type { Asked } from './backup-form.tsx';

/** Fetched when the page is quiet, or when it is first asked for. */
export const BackupForm = onDemand(async () => (await import('./backup-form.tsx')).BackupForm);

interface BackupOpener {
  /** Opens the dialog, for this source or the one that needs it most, to this place or the best. */
  open(source?: SubvolumeRef, placeId?: string): void;
}

const BackupContext = createContext<BackupOpener>({ open: () => undefined });

export function useBackup(): BackupOpener {
  return useContext(BackupContext);
}

/** Holds the one "Back up now" dialog, which every page can open. */
export function BackupProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [asked, setAsked] = useState<Asked | null>(null);
  const opener = useMemo(
    (): BackupOpener => ({ open: (source, placeId) => setAsked({ source, placeId }) }),
    [],
  );
  const close = (): void => setAsked(null);
  return (
    <BackupContext.Provider value={opener}>
      {children}
      <Dialog opened={asked !== null} onClose={close} title={t('backup.title')} size={620}>
        {asked && (
          <Suspense fallback={<Waiting rows={5} />}>
            <BackupForm.Component asked={asked} onDone={close} />
          </Suspense>
        )}
      </Dialog>
    </BackupContext.Provider>
  );
}
