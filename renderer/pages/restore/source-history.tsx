import { SegmentedControl } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useLocation } from 'wouter';
import type { RestorePoint, Source } from '../../../shared/model/subvolume.ts';
import { useKeys, withKey } from '../../bridge/keys.ts';
import { ArchiveGate } from '../../parts/archive-gate.tsx';
import { readableCopy, refKey } from '../../model/sources.ts';
import { Notice } from '../../parts/notice.tsx';
import { joinWords, t } from '../../text/index.ts';
import { Browser } from './browser.tsx';
import { ChangesView } from './changes/changes-view.tsx';
import { momentAddress } from '../../model/address.ts';
import { MomentPane } from './moment-pane.tsx';
import type { Rollback } from './rollback/rollback-dialog.tsx';
import { MomentPicker } from './timeline/moment-picker.tsx';
import styles from './restore.module.css';

type View = 'folder' | 'changes';

interface SourceHistoryProps {
  readonly source: Source;
  readonly point: RestorePoint;
  readonly path: string | undefined;
  readonly onRollback: (rollback: Rollback) => void;
}

/**
 * One source through time: a moment, and its folders or what changed in it. The pane beside them
 * has its place from the beginning, so that nothing moves under the pointer when it is filled.
 */
export function SourceHistory(props: SourceHistoryProps): ReactElement {
  const { source, point, path, onRollback } = props;
  const [, navigate] = useLocation();
  const [view, setView] = useState<View>('folder');
  const keys = useKeys();
  const copy = readableCopy(point);
  const choose = (id: string): void =>
    navigate(momentAddress(refKey(source), id), { replace: true });
  return (
    <div className={styles.history}>
      <MomentPicker source={source} point={point} onChoose={choose}>
        <SegmentedControl
          size="xs"
          aria-label={t('restore.view')}
          value={view}
          onChange={(value) => setView(value as View)}
          data={[
            { value: 'folder', label: t('restore.viewFolder') },
            { value: 'changes', label: t('restore.viewChanges') },
          ]}
        />
      </MomentPicker>
      {!copy && (
        <div className={styles.away}>
          <Notice tone="away">
            {t('restore.away', {
              drives: joinWords(point.copies.map((c) => c.volumeName)),
              count: point.copies.length,
            })}
          </Notice>
        </div>
      )}
      {copy && view === 'folder' && (
        <ArchiveGate copy={copy}>
          <Browser
            source={source}
            point={withKey(copy, keys)}
            takenAtMs={point.takenAtMs}
            path={path}
            onMoment={choose}
          />
        </ArchiveGate>
      )}
      {copy && view === 'changes' && (
        <ArchiveGate copy={copy}>
          <ChangesView source={source} point={point} />
        </ArchiveGate>
      )}
      <MomentPane
        source={source}
        point={point}
        isBrowsing={copy !== undefined && view === 'folder'}
        onRollback={onRollback}
      />
    </div>
  );
}
