import type { ReactElement, ReactNode } from 'react';
import { isVolume } from '../../shared/model/plan-target.ts';
import type { RestorePoint } from '../../shared/model/subvolume.ts';
import { useKeys, withKey } from '../bridge/keys.ts';
import { useAsk } from '../bridge/queries.ts';
import { ArchiveKey } from './archive-key.tsx';
import styles from './archive-gate.module.css';
import { ErrorNotice } from './error-notice.tsx';
import { Waiting } from './waiting.tsx';

type Copy = Pick<RestorePoint['copies'][number], 'volumeId' | 'subvolumeId' | 'volumeName'>;

interface ArchiveGateProps {
  readonly copy: Copy;
  readonly children: ReactNode;
}

/** What it wants is the key, or another one. */
const LOCKED = ['archive-encrypted', 'wrong-passphrase', 'wrong-key'];

/**
 * What is below is shown when the copy can be read: of an archive that may take a moment, and one
 * that is encrypted is asked for its key first.
 */
export function ArchiveGate({ copy, children }: ArchiveGateProps): ReactElement {
  const opened = useTop(copy);
  if (opened === undefined || opened.data) return <>{children}</>;
  const { error } = opened;
  if (!error) return <Waiting rows={6} inset />;
  return (
    <div className={styles.gate}>
      {LOCKED.includes(error.code) ? (
        <ArchiveKey
          volumeId={copy.volumeId}
          name={copy.volumeName}
          isWrong={error.code !== 'archive-encrypted'}
        />
      ) : (
        <ErrorNotice error={error} onRetry={() => void opened.refetch()} />
      )}
    </div>
  );
}

/** Whether it can be read as it is: nothing is asked for. */
export function useIsOpen(copy: Copy | undefined): boolean {
  const opened = useTop(copy);
  return opened === undefined || opened.data !== undefined;
}

/** The first look into an archive; undefined for what needs none. */
function useTop(copy: Copy | undefined) {
  const isArchive = copy !== undefined && !isVolume(copy.volumeId);
  const ref = withKey(copy ?? NOTHING, useKeys());
  const top = { ...ref, path: '', limit: 1 };
  const opened = useAsk('directory.list', top, { enabled: isArchive, staleMs: Infinity });
  return isArchive ? opened : undefined;
}

const NOTHING = { volumeId: '', subvolumeId: 0 };
