import { SegmentedControl, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState, type ReactElement } from 'react';
import { monthsAhead } from '../../../../shared/model/months.ts';
import { LOCAL_PART, type PlanDraft, type PlanOutlook } from '../../../../shared/model/plan.ts';
import { targetKey } from '../../../../shared/model/plan-target.ts';
import { useAsk } from '../../../bridge/queries.ts';
import { CoreSample } from '../../../charts/core-sample.tsx';
import { formatMoment } from '../../../format/time.ts';
import { targetName, type Places } from '../../../model/targets.ts';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { Moment } from '../../../parts/figures.tsx';
import { Waiting } from '../../../parts/waiting.tsx';
import { t } from '../../../text/index.ts';
import { isComplete } from '../editor/draft.ts';
import { AsFile } from './as-file.tsx';
import { KeptTable } from './kept-table.tsx';
import styles from './preview.module.css';

const MONTHS = ['1', '6', '24'] as const;

interface PlanPreviewProps {
  readonly draft: PlanDraft;
  /** The plan that it is the draft of; null: a new one. */
  readonly planId: string | null;
  readonly places: Places;
}

/** The next runs of a draft, what will be kept where and why, and the plan as a file. */
export function PlanPreview({ draft, planId, places }: PlanPreviewProps): ReactElement {
  const [settled] = useDebouncedValue(draft, 300);
  if (!isComplete(settled)) {
    return (
      <section className={styles.preview}>
        <h2>{t('planEditor.preview')}</h2>
        <p className="quiet">{t('planEditor.incomplete')}</p>
      </section>
    );
  }
  return (
    <>
      <Outlook draft={settled} planId={planId} places={places} />
      <AsFile draft={settled} />
    </>
  );
}

function Outlook({ draft, planId, places }: PlanPreviewProps): ReactElement {
  const [months, setMonths] = useState<string>('1');
  const [chosen, setPlace] = useState(LOCAL_PART);
  const [now] = useState(() => Date.now());
  const keys = [LOCAL_PART, ...draft.targets.map(targetKey)];
  const place = keys.includes(chosen) ? chosen : LOCAL_PART;
  const atMs = monthsAhead(now, Number(months));
  const preview = useAsk('plans.preview', { draft, planId, atMs, place }, { keep: true });
  const ahead = t('planEditor.inMonths', { count: Number(months) });
  const names = draft.targets.map((target) => ({
    value: targetKey(target),
    label: targetName(target, places) ?? t('plans.driveAway'),
  }));
  return (
    <section className={styles.preview}>
      <div className={styles.head}>
        <h2>{t('planEditor.preview')}</h2>
        <SegmentedControl
          size="xs"
          aria-label={t('planEditor.lookAhead')}
          value={months}
          onChange={setMonths}
          data={MONTHS.map((value) => ({
            value,
            label: t('planEditor.inMonths', { count: Number(value) }),
          }))}
        />
      </div>
      {names.length > 0 && (
        <Select
          label={t('planEditor.place')}
          data={[{ value: LOCAL_PART, label: t('planEditor.placeHere') }, ...names]}
          value={place}
          onChange={(key) => key !== null && setPlace(key)}
          allowDeselect={false}
        />
      )}
      {preview.error && <ErrorNotice error={preview.error} urgent={false} />}
      {preview.isPending && <Waiting rows={4} rowPx={36} />}
      {preview.data && !preview.error && (
        <Kept outlook={preview.data} ahead={ahead} isLocal={place === LOCAL_PART} />
      )}
    </section>
  );
}

interface KeptProps {
  readonly outlook: PlanOutlook;
  readonly ahead: string;
  readonly isLocal: boolean;
}

function Kept({ outlook, ahead, isLocal }: KeptProps): ReactElement {
  const { kept, gone, nextRunsAtMs } = outlook;
  const points = useMemo(
    () =>
      [...kept]
        .sort((a, b) => a.takenAtMs - b.takenAtMs)
        .map((verdict) => ({
          at: verdict.takenAtMs,
          changedBytes: null,
          tone: isLocal ? ('here' as const) : ('both' as const),
        })),
    [kept, isLocal],
  );
  const words = t('planEditor.kept', { count: points.length, ahead });
  const oldest = points[0];
  return (
    <>
      <CoreSample points={points} label={words} />
      <p className="plain">
        {words}{' '}
        {oldest &&
          t('planEditor.reach', { moment: formatMoment({ at: oldest.at, now: Date.now() }) })}{' '}
        {gone.length === 0
          ? t('planEditor.goneNone')
          : t('planEditor.gone', { count: gone.length })}
      </p>
      <KeptTable outlook={outlook} ahead={ahead} />
      <h3>{t('planEditor.nextRuns')}</h3>
      {nextRunsAtMs.length === 0 ? (
        <p className="quiet">{t('planEditor.noRuns')}</p>
      ) : (
        <ol className={styles.runs}>
          {nextRunsAtMs.map((at) => (
            <li key={at}>
              <Moment at={at} />
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
