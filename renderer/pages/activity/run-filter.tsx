import { Group, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { RunKind, RunState } from '../../../shared/model/run.ts';
import { t } from '../../text/index.ts';
import styles from './activity.module.css';

const STATES: readonly RunState[] = ['running', 'done', 'failed', 'cancelled', 'interrupted'];
const KINDS: readonly RunKind[] = ['backup', 'snapshot', 'restore', 'prune', 'verify', 'rescue'];
const PERIODS = ['day', 'week', 'month', 'year'] as const;
const DAY_MS = 86_400_000;
const PERIOD_MS = { day: DAY_MS, week: 7 * DAY_MS, month: 31 * DAY_MS, year: 366 * DAY_MS };

export interface RunFilter {
  readonly state: RunState | null;
  readonly kind: RunKind | null;
  readonly period: (typeof PERIODS)[number] | null;
  readonly text: string;
}

export const noFilter: RunFilter = { state: null, kind: null, period: null, text: '' };

/** What the service is asked for; `nowMs` is rounded, so that the same filter is the same call. */
export function runQuery({ state, kind, period, text }: RunFilter, nowMs: number) {
  const minute = Math.floor(nowMs / 60_000) * 60_000;
  return {
    ...(state ? { state } : {}),
    ...(kind ? { kind } : {}),
    ...(period ? { afterMs: minute - PERIOD_MS[period] } : {}),
    ...(text === '' ? {} : { text }),
  };
}

interface RunFilterBarProps {
  readonly filter: RunFilter;
  readonly onChange: (filter: RunFilter) => void;
}

export function RunFilterBar({ filter, onChange }: RunFilterBarProps): ReactElement {
  const clear = { clearable: true, clearButtonProps: { 'aria-label': t('action.clear') } };
  return (
    <Group gap="xs" className={styles.filter}>
      <TextInput
        aria-label={t('activity.search')}
        placeholder={t('activity.search')}
        leftSection={<IconSearch size={15} aria-hidden="true" />}
        value={filter.text}
        maxLength={255}
        onChange={(event) => onChange({ ...filter, text: event.currentTarget.value })}
        className={styles.search}
      />
      <Select
        aria-label={t('activity.period')}
        placeholder={t('activity.anyPeriod')}
        data={PERIODS.map((value) => ({ value, label: t(`activity.periods.${value}`) }))}
        value={filter.period}
        onChange={(period) => onChange({ ...filter, period })}
        {...clear}
        w={144}
      />
      <Select
        aria-label={t('activity.kind')}
        placeholder={t('activity.anyKind')}
        data={KINDS.map((value) => ({ value, label: t(`runKind.${value}`) }))}
        value={filter.kind}
        onChange={(kind) => onChange({ ...filter, kind })}
        {...clear}
        w={136}
      />
      <Select
        aria-label={t('activity.state')}
        placeholder={t('activity.anyState')}
        data={STATES.map((value) => ({ value, label: t(`runState.${value}`) }))}
        value={filter.state}
        onChange={(state) => onChange({ ...filter, state })}
        {...clear}
        w={148}
      />
    </Group>
  );
}
