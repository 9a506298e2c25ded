import { Button } from '@mantine/core';
import { useMemo, useState, type ReactElement } from 'react';
import { useAsk } from '../../bridge/queries.ts';
import { BarTable } from '../../charts/bar-table.tsx';
import { LineChart } from '../../charts/line-chart.tsx';
import { formatCount, formatSize } from '../../format/size.ts';
import { formatMoment } from '../../format/time.ts';
import { growthOf } from '../../model/drive-growth.ts';
import type { Storage } from '../../model/drive-list.ts';
import { t } from '../../text/index.ts';
import styles from './drives.module.css';

const MONTH_MS = 30.44 * 86_400_000;
const ROWS = 100;

interface SpaceSectionProps {
  readonly storage: Storage;
  readonly placeId: string;
}

/** What backups brought to a drive over time, and how long its room will last. */
export function SpaceSection({ storage, placeId }: SpaceSectionProps): ReactElement | null {
  const there = useAsk('points.growth', { volumeId: placeId });
  const [open, setOpen] = useState(false);
  const free = storage.volume?.freeBytes ?? storage.drive?.freeBytes ?? null;
  const growth = useMemo(() => growthOf(there.data ?? [], free, Date.now()), [there.data, free]);
  const { brought } = growth;
  const [first, last] = [brought[0], brought.at(-1)];
  if (!first || !last) return null;
  const now = Date.now();
  const moment = (at: number): string => formatMoment({ at, now });
  const label = t('drive.spaceLabel', {
    name: storage.name,
    size: formatSize(last.y),
    points: formatCount(brought.length),
    moment: moment(first.x),
  });
  return (
    <section aria-label={t('drive.spaceTitle')}>
      <h3>{t('drive.spaceTitle')}</h3>
      <LineChart points={brought} label={label} formatX={moment} formatY={formatSize} stepped />
      {growth.lastsMs !== null && growth.bytesADay !== null && (
        <p className="plain">
          {t('drive.lasts', {
            size: formatSize(growth.bytesADay),
            duration: longDuration(growth.lastsMs),
          })}
        </p>
      )}
      <Button variant="default" size="xs" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t('drive.asTable')}
      </Button>
      {open && (
        <div className={styles.bars}>
          <BarTable
            caption={t('drive.spaceCaption')}
            nameHeader={t('drive.columnMoment')}
            valueHeader={t('drive.columnBytes')}
            bars={brought
              .map((point, i) => ({ ...point, bytes: point.y - (brought[i - 1]?.y ?? 0), i }))
              .slice(-ROWS)
              .reverse()
              .map(({ x, bytes, i }) => ({
                key: String(i),
                name: moment(x),
                value: bytes,
                words: formatSize(bytes),
              }))}
          />
        </div>
      )}
    </section>
  );
}

/** Months and years: a guess is not said in days. */
function longDuration(ms: number): string {
  const months = Math.max(1, Math.round(ms / MONTH_MS));
  if (months > 120) return t('drive.manyYears');
  if (months < 24) return t('drive.months', { count: months });
  return t('drive.years', { count: Math.round(months / 12) });
}
