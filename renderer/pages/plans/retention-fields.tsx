import type { ReactElement } from 'react';
import type { Retention } from '../../../shared/model/retention.ts';
import { t } from '../../text/index.ts';
import styles from './plans.module.css';
import { Whole } from './timing-fields.tsx';

const PERIODS = ['latest', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;

/** Rules that keep only what they name. */
export function keep(part: Partial<Retention>): Retention {
  const none = { latest: 1, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
  return { ...none, minAgeHours: 0, minFreePercent: 0, ...part };
}

interface RetentionFieldsProps {
  readonly label: string;
  readonly keep: Retention;
  readonly onChange: (keep: Retention) => void;
}

export function RetentionFields({ label, keep, onChange }: RetentionFieldsProps): ReactElement {
  return (
    <fieldset className={styles.retention}>
      <legend>{label}</legend>
      {PERIODS.map((period) => (
        <Whole
          key={period}
          label={t(`plans.period.${period}`)}
          value={keep[period]}
          min={period === 'latest' ? 1 : 0}
          max={10_000}
          onChange={(count) => onChange({ ...keep, [period]: count })}
        />
      ))}
    </fieldset>
  );
}
