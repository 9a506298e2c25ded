import { SegmentedControl, Select, TextInput, useMantineColorScheme } from '@mantine/core';
import { useState, type ReactElement, type ReactNode } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { ServiceInfo, Settings } from '../../../shared/model/service.ts';
import { useAct, useAsk } from '../../bridge/queries.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import { languages, ownName, pickLanguage } from '../../text/languages.ts';
import styles from './settings.module.css';

export function SettingsPage(): ReactElement {
  const settings = useAsk('settings.get', {});
  const info = useAsk('service.info', {});
  return (
    <>
      <PageHeader title={t('nav.settings')} />
      <Scroll>
        {settings.isPending && <Waiting rows={5} inset />}
        {settings.error && (
          <ErrorNotice error={settings.error} onRetry={() => void settings.refetch()} inset />
        )}
        {settings.data && <Form settings={settings.data} />}
        {info.data && <About info={info.data} />}
      </Scroll>
    </>
  );
}

function Form({ settings }: { readonly settings: Settings }): ReactElement {
  const save = useAct('settings.set', ['settings.get']);
  const { setColorScheme } = useMantineColorScheme();
  const [folder, setFolder] = useState(settings.snapshotFolder);
  const chooseTheme = (value: string): void => {
    const theme = value === 'light' || value === 'dark' ? value : 'system';
    setColorScheme(theme === 'system' ? 'auto' : theme);
    save.mutate({ theme });
  };
  return (
    <div className={styles.form}>
      <Row label={t('settings.theme')} help={t('settings.themeHelp')}>
        <SegmentedControl
          aria-label={t('settings.theme')}
          value={settings.theme}
          onChange={chooseTheme}
          data={[
            { value: 'system', label: t('settings.themeSystem') },
            { value: 'light', label: t('settings.themeLight') },
            { value: 'dark', label: t('settings.themeDark') },
          ]}
        />
      </Row>
      <Row label={t('settings.language')} help={t('settings.languageHelp')}>
        <Select
          aria-label={t('settings.language')}
          data={languageChoices()}
          value={settings.language}
          onChange={(language) => language !== null && save.mutate({ language })}
          allowDeselect={false}
          w={240}
        />
      </Row>
      <Row label={t('settings.folder')} help={t('settings.folderHelp')}>
        <TextInput
          aria-label={t('settings.folder')}
          value={folder}
          onChange={(event) => setFolder(event.currentTarget.value)}
          onBlur={() =>
            folder !== settings.snapshotFolder && save.mutate({ snapshotFolder: folder })
          }
          w={240}
        />
      </Row>
      {save.error && <ErrorNotice error={save.error} />}
    </div>
  );
}

function languageChoices(): { value: string; label: string }[] {
  const system = ownName(pickLanguage('system', navigator.languages));
  return [
    { value: 'system', label: t('settings.languageSystem', { language: system }) },
    ...languages.map((tag) => ({ value: tag, label: ownName(tag) })),
  ];
}

interface RowProps {
  readonly label: string;
  readonly help: string;
  readonly children: ReactNode;
}

function Row({ label, help, children }: RowProps): ReactElement {
  return (
    <div className={styles.row}>
      <div>
        <h2 className={styles.label}>{label}</h2>
        <p className={styles.help}>{help}</p>
      </div>
      <div>{children}</div>
    </div>
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
    <section className={styles.form}>
      <h2 className={styles.label}>{t('settings.diagnostics')}</h2>
      <p className={styles.help}>{t('settings.diagnosticsHelp')}</p>
      <div className={styles.report}>
        <CopyLine text={report} />
      </div>
    </section>
  );
}
