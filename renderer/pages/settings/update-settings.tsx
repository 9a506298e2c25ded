import { Button, Group, Switch } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Settings } from '../../../shared/model/service.ts';
import type { UpdateState } from '../../../shared/model/update.ts';
import { useAct, useAsk } from '../../bridge/queries.ts';
import { useRunsNow } from '../../bridge/live.ts';
import { formatSize } from '../../format/size.ts';
import { formatMoment } from '../../format/time.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { t } from '../../text/index.ts';
import { SettingRow } from './setting-row.tsx';
import styles from './settings.module.css';

/** Looking for newer versions: off until a person switches it on, and never more than looking. */
export function UpdateSettings({ settings }: { readonly settings: Settings }): ReactElement | null {
  const update = useAsk('update.get', {});
  const save = useAct('settings.set', ['settings.get']);
  const check = useAct('update.check', ['update.get']);
  const download = useAct('update.download');
  const isRunning = useRunsNow().some(
    ({ kind, state }) => kind === 'update' && state === 'running',
  );
  const known = update.data;
  if (!known) return null;
  const problem = check.error ?? download.error ?? save.error ?? known.problem;
  return (
    <>
      <SettingRow label={t('settings.updates')} help={t('settings.updatesHelp')}>
        {known.state === 'none' ? (
          <p className={styles.help}>{t('settings.updatesNone')}</p>
        ) : (
          <>
            <Switch
              label={t('settings.updatesSwitch')}
              checked={settings.lookForUpdates}
              onChange={(event) => save.mutate({ lookForUpdates: event.currentTarget.checked })}
            />
            <p className={styles.help}>{words(known)}</p>
            <Group gap="xs">
              <Button variant="default" loading={check.isPending} onClick={() => check.mutate({})}>
                {t('settings.updatesLook')}
              </Button>
              {known.state === 'available' && known.file && !known.ready && (
                <Button
                  loading={download.isPending || isRunning}
                  onClick={() => download.mutate({})}
                >
                  {t('settings.updatesDownload', {
                    version: known.newVersion ?? '',
                    size: formatSize(known.file.sizeBytes),
                  })}
                </Button>
              )}
            </Group>
          </>
        )}
      </SettingRow>
      {known.notes !== '' && (
        <div className={styles.block}>
          <h3 className={styles.label}>
            {t('settings.updatesNotes', { version: known.newVersion ?? '' })}
          </h3>
          <p className={styles.notes} lang="en">
            {known.notes}
          </p>
        </div>
      )}
      {known.ready && (
        <div className={styles.block}>
          <p className={styles.help}>{t('settings.updatesReady')}</p>
          <div className={styles.report}>
            <CopyLine text={known.ready.command} />
          </div>
        </div>
      )}
      {problem && (
        <div className={styles.block}>
          <ErrorNotice error={problem} />
        </div>
      )}
    </>
  );
}

function words({ state, newVersion, lookedAtMs }: UpdateState): string {
  const moment = formatMoment({ at: lookedAtMs ?? 0, now: Date.now() });
  switch (state) {
    case 'none':
      return t('settings.updatesNone');
    case 'unknown':
      return t('settings.updatesUnknown');
    case 'current':
      return t('settings.updatesCurrent', { moment });
    case 'available':
      return t('settings.updatesAvailable', { version: newVersion ?? '', moment });
    case 'by-hand':
      return t('settings.updatesByHand', { version: newVersion ?? '' });
  }
}
