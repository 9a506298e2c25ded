import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { ServiceInfo } from '../../../shared/model/service.ts';
import { useAsk } from '../../bridge/queries.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import { CatalogueSettings } from './catalogue-settings.tsx';
import { HistorySettings } from './history-settings.tsx';
import { LookSettings } from './look-settings.tsx';
import { NoticeSettings } from './notice-settings.tsx';
import { PauseSettings } from './pause-settings.tsx';
import { SettingRow } from './setting-row.tsx';
import { UpdateSettings } from './update-settings.tsx';
import styles from './settings.module.css';

const COMMANDS = ['dendro settings', 'dendro settings NAME VALUE'];

export function SettingsPage(): ReactElement {
  const settings = useAsk('settings.get', {});
  const info = useAsk('service.info', {});
  return (
    <>
      <PageHeader title={t('nav.settings')} commands={COMMANDS} />
      <Scroll label={t('nav.settings')}>
        {settings.isPending && <Waiting rows={5} inset />}
        {settings.error && (
          <ErrorNotice error={settings.error} onRetry={() => void settings.refetch()} inset />
        )}
        {settings.data && (
          <div className={styles.form}>
            <LookSettings settings={settings.data} />
            <Keyboard />
            <NoticeSettings settings={settings.data} />
            <PauseSettings settings={settings.data} />
            <HistorySettings settings={settings.data} />
            <UpdateSettings settings={settings.data} />
          </div>
        )}
        <CatalogueSettings />
        {info.data && <About info={info.data} />}
      </Scroll>
    </>
  );
}

function Keyboard(): ReactElement {
  const shortcuts = useShortcuts();
  return (
    <SettingRow label={t('settings.shortcuts')} help={t('settings.shortcutsHelp')}>
      <Button variant="default" onClick={shortcuts.show}>
        {t('settings.shortcutsShow')}
      </Button>
    </SettingRow>
  );
}

/** What one would put into a report; shown before anybody sends it anywhere. */
function About({ info }: { readonly info: ServiceInfo }): ReactElement {
  const report = [
    `Dendro ${info.version}`,
    `host ${info.hostName}, user ${info.userName}${info.isRoot ? ' (root)' : ''}`,
    `carrier ${info.carrier}`,
    `history ${printable(info.historyPath)}`,
    navigator.userAgent,
  ].join('\n');
  return (
    <div className={styles.form}>
      <h2 className={styles.label}>{t('settings.service')}</h2>
      <p className={styles.help}>
        {t('settings.serviceText', {
          version: info.version,
          host: info.hostName,
          user: info.userName,
        })}
      </p>
      <h2 className={`${styles.label} ${styles.next}`}>{t('settings.diagnostics')}</h2>
      <p className={styles.help}>{t('settings.diagnosticsHelp')}</p>
      <div className={styles.report}>
        <CopyLine text={report} />
      </div>
    </div>
  );
}
