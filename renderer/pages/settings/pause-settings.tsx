import { Button, Group } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Settings } from '../../../shared/model/service.ts';
import { useAct } from '../../bridge/queries.ts';
import { formatMoment } from '../../format/time.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { t } from '../../text/index.ts';
import { SettingRow } from './setting-row.tsx';
import styles from './settings.module.css';

const HOUR_MS = 3_600_000;
const CHOICES_HOURS = [1, 8, 24];

/** The pause of all plans, which the tray has as well. */
export function PauseSettings({ settings }: { readonly settings: Settings }): ReactElement {
  const save = useAct('settings.set', ['settings.get', 'plans.list']);
  const now = Date.now();
  const { plansPausedUntilMs } = settings;
  const isPaused = plansPausedUntilMs > now;
  const pause = (untilMs: number): void => save.mutate({ plansPausedUntilMs: untilMs });
  return (
    <>
      <SettingRow label={t('settings.pause')} help={t('settings.pauseHelp')}>
        <p className={styles.help}>
          {isPaused
            ? t('settings.pausedUntil', { moment: formatMoment({ at: plansPausedUntilMs, now }) })
            : t('settings.notPaused')}
        </p>
        <Group gap="xs">
          {isPaused ? (
            <Button onClick={() => pause(0)}>{t('settings.goOn')}</Button>
          ) : (
            CHOICES_HOURS.map((count) => (
              <Button
                key={count}
                variant="default"
                size="xs"
                onClick={() => pause(Date.now() + count * HOUR_MS)}
              >
                {t('settings.pauseHours', { count })}
              </Button>
            ))
          )}
        </Group>
      </SettingRow>
      {save.error && <ErrorNotice error={save.error} />}
    </>
  );
}
