import type { ReactElement } from 'react';
import type { Retention } from '../../../../shared/model/retention.ts';
import { rulesInWords } from '../../../model/plan-words.ts';
import { Whole } from '../../../parts/whole.tsx';
import { t } from '../../../text/index.ts';
import styles from './editor.module.css';

const PERIODS = ['latest', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;

/** Rules that keep only what they name. */
export function keep(part: Partial<Retention>): Retention {
  const none = { latest: 1, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
  return { ...none, minAgeHours: 0, minFreePercent: 0, ...part };
}

interface RetentionFieldsProps {
  /** Names the group. */
  readonly label: string;
  readonly keep: Retention;
  readonly onChange: (keep: Retention) => void;
}

/** The rules of one place in numbers, and what they say in words. */
export function RetentionFields({ label, keep, onChange }: RetentionFieldsProps): ReactElement {
  return (
    <>
      <div role="group" aria-label={label} className={styles.retention}>
        {PERIODS.map((period) => (
          <Whole
            key={period}
            label={t(`planEditor.period.${period}`)}
            value={keep[period]}
            min={period === 'latest' ? 1 : 0}
            max={10_000}
            onChange={(count) => onChange({ ...keep, [period]: count })}
          />
        ))}
      </div>
      <div className={styles.pair}>
        <Whole
          label={t('planEditor.minAge')}
          value={keep.minAgeHours}
          min={0}
          max={1_000_000}
          onChange={(minAgeHours) => onChange({ ...keep, minAgeHours })}
        />
        <Whole
          label={t('planEditor.minFree')}
          value={keep.minFreePercent}
          min={0}
          max={90}
          onChange={(minFreePercent) => onChange({ ...keep, minFreePercent })}
        />
      </div>
      <p className={styles.help}>{t('planEditor.keepSentence', { rules: rulesInWords(keep) })}</p>
    </>
  );
}
