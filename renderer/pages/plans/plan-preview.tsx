import { SegmentedControl } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState, type ReactElement } from 'react';
import { LOCAL_PART, type PlanDraft } from '../../../shared/model/plan.ts';
import { targetKey } from '../../../shared/model/plan-target.ts';
import { CoreSample } from '../../charts/core-sample.tsx';
import { useAsk } from '../../bridge/queries.ts';
import { formatExactMoment } from '../../format/time.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { t } from '../../text/index.ts';
import styles from './plans.module.css';

const MONTHS = ['1', '6', '24'] as const;
const MONTH_MS = 30.44 * 86_400_000;
const RUNS_SHOWN = 5;

/** The next runs of a draft, and the core sample as it will look later. */
export function PlanPreview({ draft }: { readonly draft: PlanDraft }): ReactElement {
  const [months, setMonths] = useState<string>('1');
  const [settled] = useDebouncedValue(draft, 300);
  const [now] = useState(() => Date.now());
  const [target] = settled.targets;
  const place = target ? targetKey(target) : LOCAL_PART;
  const atMs = Math.round(now + Number(months) * MONTH_MS);
  const preview = useAsk('plans.preview', { draft: settled, atMs, place }, { keep: true });
  const points = useMemo(
    () =>
      (preview.data?.kept ?? [])
        .filter((verdict) => verdict.keep)
        .sort((a, b) => a.takenAtMs - b.takenAtMs)
        .map((verdict) => ({
          at: verdict.takenAtMs,
          changedBytes: null,
          tone: target ? ('both' as const) : ('here' as const),
        })),
    [preview.data, target],
  );
  return (
    <section className={styles.preview}>
      <div className={styles.previewHead}>
        <h3>{t('plans.preview')}</h3>
        <SegmentedControl
          size="xs"
          aria-label={t('plans.previewAt')}
          value={months}
          onChange={setMonths}
          data={MONTHS.map((value) => ({
            value,
            label: t('plans.inMonths', { count: Number(value) }),
          }))}
        />
      </div>
      {preview.error && <ErrorNotice error={preview.error} urgent={false} />}
      {preview.data && (
        <>
          <CoreSample points={points} label={t('plans.previewLabel', { count: points.length })} />
          <p className="quiet">{t('plans.previewLabel', { count: points.length })}</p>
          <h3>{t('plans.nextRuns')}</h3>
          <ul className={styles.runs}>
            {preview.data.nextRunsAtMs.slice(0, RUNS_SHOWN).map((at) => (
              <li key={at}>{formatExactMoment(at)}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
