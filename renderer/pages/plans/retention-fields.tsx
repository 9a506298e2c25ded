import type { ReactElement } from 'react';
import type { Retention } from '../../../shared/model/schedule.ts';
import { t } from '../../text/index.ts';
import styles from './plans.module.css';
import { Whole } from './timing-fields.tsx';

const PERIODS = ['latest', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;

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
