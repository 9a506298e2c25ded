import { useState, type ReactElement } from 'react';
import type { Volume } from '../../../shared/model/volume.ts';
import { useAsk } from '../../bridge/queries.ts';
import { useBesidePane } from '../../parts/beside-pane.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import { SubvolumePane } from './subvolume-pane.tsx';
import { SubvolumeTable } from './subvolume-table.tsx';
import styles from './drives.module.css';

/** As in drives.module.css. */
const BESIDE_WINDOW_PX = 1024;

/** The subvolumes and snapshots of a volume, and one of them in depth. */
export function SubvolumeView({ volume }: { readonly volume: Volume }): ReactElement {
  const subvolumes = useAsk('subvolumes.list', { volumeId: volume.volumeId });
  const [chosenId, setChosenId] = useState<number | null>(null);
  const chosen = subvolumes.data?.find((s) => s.subvolumeId === chosenId);
  const { ref, beside } = useBesidePane(chosen !== undefined, BESIDE_WINDOW_PX);
  return (
    <div ref={ref} className={styles.columns}>
      <div className={styles.table}>
        {subvolumes.isPending && <Waiting rows={6} rowPx={36} inset />}
        {subvolumes.error && (
          <ErrorNotice error={subvolumes.error} onRetry={() => void subvolumes.refetch()} inset />
        )}
        {subvolumes.data?.length === 0 && <Empty title={t('drives.noSubvolumes')} />}
        {subvolumes.data && subvolumes.data.length > 0 && (
          <SubvolumeTable
            subvolumes={subvolumes.data}
            chosenId={chosenId}
            onChoose={setChosenId}
            beside={beside}
          />
        )}
      </div>
      {chosen && (
        <SubvolumePane
          key={chosen.subvolumeId}
          volume={volume}
          subvolume={chosen}
          all={subvolumes.data ?? []}
          onClose={() => setChosenId(null)}
        />
      )}
    </div>
  );
}
