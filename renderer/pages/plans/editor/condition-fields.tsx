import { Checkbox, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { PlanDraft } from '../../../../shared/model/plan.ts';
import { Whole } from '../../../parts/whole.tsx';
import { t } from '../../../text/index.ts';
import type { Change } from './draft.ts';
import styles from './editor.module.css';
import { Section } from './section.tsx';

interface PartProps {
  readonly draft: PlanDraft;
  readonly onChange: Change;
}

const PLAIN = ['onAcPower', 'notMetered', 'notPresenting'] as const;
const NIGHT = { from: { hour: 22, minute: 0 }, to: { hour: 6, minute: 0 } };

/** What must hold for the plan to begin by itself. */
export function ConditionFields({ draft, onChange }: PartProps): ReactElement {
  const { conditions } = draft;
  const { quietHours } = conditions;
  const set = (part: Partial<PlanDraft['conditions']>): void =>
    onChange({ conditions: { ...conditions, ...part } });
  return (
    <Section title={t('planEditor.conditions')} help={t('planEditor.conditionsHelp')}>
      {PLAIN.map((name) => (
        <Checkbox
          key={name}
          label={t(`planEditor.${name}`)}
          checked={conditions[name]}
          onChange={(event) => set({ [name]: event.currentTarget.checked })}
        />
      ))}
      <Checkbox
        label={t('planEditor.quiet')}
        checked={quietHours !== null}
        onChange={(event) => set({ quietHours: event.currentTarget.checked ? NIGHT : null })}
      />
      {quietHours && (
        <div className={styles.pair}>
          <Clock
            label={t('planEditor.quietFrom')}
            value={quietHours.from}
            onChange={(from) => set({ quietHours: { ...quietHours, from } })}
          />
          <Clock
            label={t('planEditor.quietTo')}
            value={quietHours.to}
            onChange={(to) => set({ quietHours: { ...quietHours, to } })}
          />
        </div>
      )}
    </Section>
  );
}

/** Drives of the plan, and whose snapshots its rules are for. */
export function OptionFields({ draft, onChange }: PartProps): ReactElement {
  const { options } = draft;
  return (
    <Section title={t('planEditor.options')}>
      {(['mountDrive', 'ejectDrive', 'adoptOthers'] as const).map((name) => (
        <Checkbox
          key={name}
          label={t(`planEditor.${name}`)}
          checked={options[name]}
          onChange={(event) =>
            onChange({ options: { ...options, [name]: event.currentTarget.checked } })
          }
        />
      ))}
      <div className={styles.pair}>
        <Whole
          label={t('planEditor.awayDays')}
          value={draft.awayDays}
          min={0}
          max={10_000}
          onChange={(awayDays) => onChange({ awayDays })}
        />
      </div>
    </Section>
  );
}

interface ClockTime {
  readonly hour: number;
  readonly minute: number;
}

interface ClockProps {
  readonly label: string;
  readonly value: ClockTime;
  readonly onChange: (value: ClockTime) => void;
}

/** A time of day. */
export function Clock({ label, value, onChange }: ClockProps): ReactElement {
  const two = (part: number): string => String(part).padStart(2, '0');
  return (
    <TextInput
      type="time"
      label={label}
      value={`${two(value.hour)}:${two(value.minute)}`}
      onChange={(event) => {
        const [hour, minute] = event.currentTarget.value.split(':').map(Number);
        if (hour !== undefined && minute !== undefined) onChange({ hour, minute });
      }}
    />
  );
}
