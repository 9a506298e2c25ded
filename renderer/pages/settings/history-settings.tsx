import { Group } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { Settings } from '../../../shared/model/service.ts';
import { useAct } from '../../bridge/queries.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Whole } from '../../parts/whole.tsx';
import { t } from '../../text/index.ts';
import { SettingRow } from './setting-row.tsx';

/** How much of the history of runs is kept. */
export function HistorySettings({ settings }: { readonly settings: Settings }): ReactElement {
  const save = useAct('settings.set', ['settings.get']);
  const [days, setDays] = useState(settings.historyDays);
  const [runs, setRuns] = useState(settings.historyRuns);
  const keep = (): void => {
    if (days === settings.historyDays && runs === settings.historyRuns) return;
    save.mutate({ historyDays: days, historyRuns: runs });
  };
  return (
    <>
      <SettingRow label={t('settings.history')} help={t('settings.historyHelp')}>
        <Group gap="xs" wrap="nowrap" onBlur={keep} w={240} grow>
          <Whole
            label={t('settings.historyDays')}
            value={days}
            min={1}
            max={36_500}
            onChange={setDays}
          />
          <Whole
            label={t('settings.historyRuns')}
            value={runs}
            min={10}
            max={1_000_000}
            onChange={setRuns}
          />
        </Group>
      </SettingRow>
      {save.error && <ErrorNotice error={save.error} />}
    </>
  );
}
