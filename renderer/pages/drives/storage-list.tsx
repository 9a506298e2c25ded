import { IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { formatSize } from '../../format/size.ts';
import { formatMoment } from '../../format/time.ts';
import type { Storage, StorageGroups } from '../../model/drive-list.ts';
import { ToneMark } from '../../parts/notice.tsx';
import { t } from '../../text/index.ts';
import styles from './drives.module.css';

const GROUPS = ['known', 'here', 'other'] as const;

interface StorageListProps {
  readonly groups: StorageGroups;
  readonly shownId: string;
  readonly onShow: (id: string) => void;
}

/** What is known, what is here and not used yet, and what was opened; each with how full it is. */
export function StorageList({ groups, shownId, onShow }: StorageListProps): ReactElement {
  return (
    <nav className={styles.list} aria-label={t('drives.listLabel')}>
      {GROUPS.filter((group) => groups[group].length > 0).map((group) => (
        <section key={group} aria-label={t(`drive.groups.${group}`)}>
          <h2 className={styles.group}>{t(`drive.groups.${group}`)}</h2>
          <ul>
            {groups[group].map((storage) => (
              <li key={storage.id}>
                <button
                  type="button"
                  className={styles.volume}
                  aria-current={storage.id === shownId ? 'true' : undefined}
                  onClick={() => onShow(storage.id)}
                >
                  <span className={styles.volumeName}>
                    <StateMark storage={storage} />
                    <bdi>{storage.name}</bdi>
                  </span>
                  <Fullness storage={storage} />
                  <span className={styles.volumeFacts}>{roomWords(storage)}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function StateMark({ storage: { drive, volume } }: { storage: Storage }): ReactElement | null {
  if (drive?.problem ?? volume?.problem) return <ToneMark tone="failed" size={16} />;
  if (drive?.state !== 'away') return null;
  return <IconPlugConnectedX size={16} stroke={1.7} className={styles.away} aria-hidden="true" />;
}

function Fullness({ storage }: { readonly storage: Storage }): ReactElement | null {
  const share = usedShare(storage);
  if (share === null) return null;
  return (
    <span
      className={`${styles.fullness} meter`}
      data-full={share > 0.9 || undefined}
      aria-hidden="true"
    >
      <span style={{ width: `${(share * 100).toFixed(1)}%` }} />
    </span>
  );
}

/** 0..1; null where nobody knows. */
function usedShare({ drive, volume }: Storage): number | null {
  if (volume && volume.sizeBytes > 0) return Math.min(1, volume.usedBytes / volume.sizeBytes);
  if (!drive || drive.freeBytes === null || drive.sizeBytes === 0) return null;
  return Math.min(1, 1 - drive.freeBytes / drive.sizeBytes);
}

/** The room left, or why there is none to speak of. */
export function roomWords({ drive, volume }: Storage): string {
  if (drive?.state === 'away') {
    return t('drive.state.away', {
      moment: formatMoment({ at: drive.lastSeenAtMs, now: Date.now() }),
    });
  }
  const size = formatSize(volume?.sizeBytes ?? drive?.sizeBytes ?? 0);
  if (volume && volume.kind === 'image') return t('drives.image', { size });
  const free = volume?.freeBytes ?? drive?.freeBytes ?? null;
  if (free !== null) return t('drives.free', { free: formatSize(free), size });
  if (drive && drive.state !== 'mounted') return `${t(`drive.state.${drive.state}`)} ${size}`;
  return volume ? t('drives.notMounted', { size }) : t('drives.ofSize', { size });
}
