import type { ReactElement } from 'react';
import type { Run } from '../../../shared/model/run.ts';
import { useRates } from '../../bridge/live.ts';
import { LineChart } from '../../charts/line-chart.tsx';
import { formatRate } from '../../format/size.ts';
import { formatClock } from '../../format/time.ts';
import { t } from '../../text/index.ts';
import styles from './activity.module.css';

/** The rate of a run as this page saw it: from when it was opened, or from the start. */
export function RateSection({ run }: { readonly run: Run }): ReactElement | null {
  const rates = useRates(run.runId);
  if (rates.length < 3) return null;
  const most = rates.reduce((max, { y }) => Math.max(max, y), 0);
  return (
    <section>
      <h3 className={styles.heading}>{t('activity.rate')}</h3>
      <LineChart
        points={rates}
        heightPx={80}
        formatX={formatClock}
        formatY={formatRate}
        label={t('activity.rateLabel', {
          rate: formatRate(rates.at(-1)!.y),
          most: formatRate(most),
        })}
      />
    </section>
  );
}
