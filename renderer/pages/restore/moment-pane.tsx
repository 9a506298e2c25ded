import { Button } from '@mantine/core';
import { useId, type ReactElement } from 'react';
import { Link } from 'wouter';
import type { RestorePoint, Source } from '../../../shared/model/subvolume.ts';
import { formatCount, formatSize } from '../../format/size.ts';
import { formatExactMoment, formatMoment } from '../../format/time.ts';
import { addressPart } from '../../model/address.ts';
import { shortened } from '../../model/short-text.ts';
import { refKey, sourceName } from '../../model/sources.ts';
import { Facts } from '../../parts/facts.tsx';
import { t } from '../../text/index.ts';
import styles from './restore.module.css';
import type { Rollback } from './rollback/rollback-dialog.tsx';

interface MomentPaneProps {
  readonly source: Source;
  readonly point: RestorePoint;
  /** Files are to be chosen from. */
  readonly isBrowsing: boolean;
  readonly onRollback: (rollback: Rollback) => void;
}

/** What stands in the pane while nothing is chosen: the moment, and what can be done with all of it. */
export function MomentPane(props: MomentPaneProps): ReactElement {
  const { source, point, isBrowsing, onRollback } = props;
  const title = useId();
  const local = point.copies.find(({ present, place }) => present && place === 'local');
  const name = sourceName(source);
  const { takenAtMs, backup } = point;
  return (
    <aside className={styles.resting} aria-labelledby={title}>
      <h2 id={title}>{formatMoment({ at: takenAtMs, now: Date.now() })}</h2>
      {isBrowsing && <p className="quiet">{t('moment.hint')}</p>}
      <Facts
        facts={[
          { label: t('moment.taken'), value: formatExactMoment(takenAtMs) },
          {
            label: t('moment.changed'),
            value:
              backup &&
              t('moment.changedText', {
                count: backup.files,
                files: formatCount(backup.files),
                size: formatSize(backup.bytes),
              }),
          },
        ]}
      />
      {local && (
        <section>
          <p className="quiet">{t('moment.rollback', { name: shortened(name) })}</p>
          <Button
            variant="default"
            size="xs"
            onClick={() => onRollback({ name, point, copy: local })}
          >
            {t('rollback.open')}
          </Button>
        </section>
      )}
      {source.present && source.mountedPath !== null && (
        <section>
          <p className="quiet">{t('moment.heal', { name: shortened(name) })}</p>
          <Button
            component={Link}
            href={`/restore/heal/${addressPart(refKey(source))}`}
            variant="default"
            size="xs"
          >
            {t('heal.open')}
          </Button>
        </section>
      )}
    </aside>
  );
}
