import type { ReactElement } from 'react';
import type { Volume } from '../../../shared/model/volume.ts';
import { formatSize } from '../../format/size.ts';
import { ToneMark } from '../../parts/notice.tsx';
import { t } from '../../text/index.ts';
import styles from './drives.module.css';

interface VolumeListProps {
  readonly volumes: readonly Volume[];
  readonly shown: Volume;
  readonly onShow: (volume: Volume) => void;
}

/** Every volume that was found, with how full it is. */
export function VolumeList({ volumes, shown, onShow }: VolumeListProps): ReactElement {
  return (
    <nav className={styles.list} aria-label={t('drives.listLabel')}>
      <ul>
        {volumes.map((volume) => (
          <li key={volume.volumeId}>
            <button
              type="button"
              className={styles.volume}
              aria-current={volume.volumeId === shown.volumeId ? 'true' : undefined}
              onClick={() => onShow(volume)}
            >
              <span className={styles.volumeName}>
                {volume.problem && <ToneMark tone="failed" size={16} />}
                <bdi>{volume.name}</bdi>
              </span>
              <Fullness volume={volume} />
              <span className={styles.volumeFacts}>{roomWords(volume)}</span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Fullness({ volume }: { readonly volume: Volume }): ReactElement | null {
  if (volume.sizeBytes === 0) return null;
  const share = Math.min(1, volume.usedBytes / volume.sizeBytes);
  return (
    <span className={styles.fullness} data-full={share > 0.9 || undefined} aria-hidden="true">
      <span style={{ width: `${(share * 100).toFixed(1)}%` }} />
    </span>
  );
}

function roomWords(volume: Volume): string {
  const size = formatSize(volume.sizeBytes);
  if (volume.kind !== 'mounted')
    return t(volume.kind === 'image' ? 'drives.image' : 'drives.notMounted', { size });
  if (volume.freeBytes === null) return t('drives.ofSize', { size });
  return t('drives.free', { free: formatSize(volume.freeBytes), size });
}
