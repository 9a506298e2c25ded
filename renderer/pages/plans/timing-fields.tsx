import { Group, NumberInput, Select, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Timing } from '../../../shared/model/schedule.ts';
import { weekdayName } from '../../model/plan-words.ts';
import { t } from '../../text/index.ts';

const KINDS = ['minutes', 'hour', 'day', 'week'] as const;

const fresh = {
  minutes: { every: 'minutes', minutes: 30 },
  hour: { every: 'hour', minute: 0 },
  day: { every: 'day', hour: 9, minute: 0 },
  week: { every: 'week', weekday: 0, hour: 9, minute: 0 },
} as const satisfies Record<Timing['every'], Timing>;

interface TimingFieldsProps {
  readonly timing: Timing;
  readonly onChange: (timing: Timing) => void;
}

export function TimingFields({ timing, onChange }: TimingFieldsProps): ReactElement {
  return (
    <Group grow align="flex-end">
      <Select
        label={t('plans.every')}
        data={KINDS.map((value) => ({ value, label: t(`plans.kind.${value}`) }))}
        value={timing.every}
        onChange={(kind) => kind && onChange(fresh[kind])}
        allowDeselect={false}
      />
      {timing.every === 'minutes' && (
        <Whole
          label={t('plans.minutes')}
          value={timing.minutes}
          min={5}
          max={1440}
          onChange={(minutes) => onChange({ ...timing, minutes })}
        />
      )}
      {timing.every === 'hour' && (
        <Whole
          label={t('plans.minute')}
          value={timing.minute}
          min={0}
          max={59}
          onChange={(minute) => onChange({ ...timing, minute })}
        />
      )}
      {timing.every === 'week' && (
        <Select
          label={t('plans.weekday')}
          data={[1, 2, 3, 4, 5, 6, 0].map((day) => ({
            value: String(day),
            label: weekdayName(day),
          }))}
          value={String(timing.weekday)}
          onChange={(day) => day !== null && onChange({ ...timing, weekday: Number(day) })}
          allowDeselect={false}
        />
      )}
      {(timing.every === 'day' || timing.every === 'week') && (
        <TextInput
          type="time"
          label={t('plans.time')}
          value={`${String(timing.hour).padStart(2, '0')}:${String(timing.minute).padStart(2, '0')}`}
          onChange={(event) => {
            const [hour, minute] = event.currentTarget.value.split(':').map(Number);
            if (hour !== undefined && minute !== undefined) onChange({ ...timing, hour, minute });
          }}
        />
      )}
    </Group>
  );
}

interface WholeProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
}

/** A whole number within limits; what is not one is not taken over. */
export function Whole({ label, value, min, max, onChange }: WholeProps): ReactElement {
  return (
    <NumberInput
      label={label}
      value={value}
      min={min}
      max={max}
      allowDecimal={false}
      clampBehavior="strict"
      onChange={(next) => typeof next === 'number' && next >= min && next <= max && onChange(next)}
    />
  );
}
