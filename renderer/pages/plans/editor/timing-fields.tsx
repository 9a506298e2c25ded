import { Group, Select, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Timing } from '../../../../shared/model/plan.ts';
import { weekdayName } from '../../../model/plan-words.ts';
import { Whole } from '../../../parts/whole.tsx';
import { t } from '../../../text/index.ts';
import { Clock } from './condition-fields.tsx';

const KINDS = [
  'minutes',
  'hour',
  'day',
  'week',
  'month',
  'cron',
  'calendar',
  'plug-in',
  'packages',
] as const;

const fresh = {
  minutes: { every: 'minutes', minutes: 30 },
  hour: { every: 'hour', minute: 0 },
  day: { every: 'day', hour: 9, minute: 0 },
  week: { every: 'week', weekday: 0, hour: 9, minute: 0 },
  month: { every: 'month', day: 1, hour: 9, minute: 0 },
  cron: { every: 'cron', expression: '0 9 * * 1-5' },
  calendar: { every: 'calendar', expression: 'Mon..Fri 09:00' },
  'plug-in': { every: 'plug-in' },
  packages: { every: 'packages' },
} as const satisfies Record<Timing['every'], Timing>;

interface TimingFieldsProps {
  readonly timing: Timing;
  readonly onChange: (timing: Timing) => void;
}

export function TimingFields({ timing, onChange }: TimingFieldsProps): ReactElement {
  return (
    <Group grow align="flex-end">
      <Select
        label={t('planEditor.every')}
        data={KINDS.map((value) => ({ value, label: t(`planEditor.kind.${value}`) }))}
        value={timing.every}
        onChange={(kind) => kind && onChange(fresh[kind])}
        allowDeselect={false}
      />
      {timing.every === 'minutes' && (
        <Whole
          label={t('planEditor.minutes')}
          value={timing.minutes}
          min={1}
          max={1440}
          onChange={(minutes) => onChange({ ...timing, minutes })}
        />
      )}
      {timing.every === 'hour' && (
        <Whole
          label={t('planEditor.minute')}
          value={timing.minute}
          min={0}
          max={59}
          onChange={(minute) => onChange({ ...timing, minute })}
        />
      )}
      {timing.every === 'week' && (
        <Select
          label={t('planEditor.weekday')}
          data={[1, 2, 3, 4, 5, 6, 0].map((day) => ({
            value: String(day),
            label: weekdayName(day),
          }))}
          value={String(timing.weekday)}
          onChange={(day) => day !== null && onChange({ ...timing, weekday: Number(day) })}
          allowDeselect={false}
        />
      )}
      {timing.every === 'month' && (
        <Whole
          label={t('planEditor.dayOfMonth')}
          value={timing.day}
          min={1}
          max={31}
          onChange={(day) => onChange({ ...timing, day })}
        />
      )}
      {(timing.every === 'cron' || timing.every === 'calendar') && (
        <TextInput
          label={t(`planEditor.${timing.every}`)}
          value={timing.expression}
          maxLength={500}
          onChange={(event) => onChange({ ...timing, expression: event.currentTarget.value })}
        />
      )}
      {hasTime(timing) && (
        <Clock
          label={t('planEditor.time')}
          value={timing}
          onChange={(time) => onChange({ ...timing, ...time })}
        />
      )}
    </Group>
  );
}

function hasTime(timing: Timing): timing is Extract<Timing, { hour: number }> {
  return 'hour' in timing;
}
