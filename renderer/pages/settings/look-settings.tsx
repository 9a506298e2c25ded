import { SegmentedControl, Select, TextInput, useMantineColorScheme } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { Settings } from '../../../shared/model/service.ts';
import { useAct } from '../../bridge/queries.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { t } from '../../text/index.ts';
import { languages, ownName, pickLanguage } from '../../../shared/text/languages.ts';
import { SettingRow } from './setting-row.tsx';

interface PartProps {
  readonly settings: Settings;
}

/** Appearance, language, and where snapshots are kept. */
export function LookSettings({ settings }: PartProps): ReactElement {
  const save = useAct('settings.set', ['settings.get']);
  const { setColorScheme } = useMantineColorScheme();
  const [folder, setFolder] = useState(settings.snapshotFolder);
  const chooseTheme = (value: string): void => {
    const theme = value === 'light' || value === 'dark' ? value : 'system';
    setColorScheme(theme === 'system' ? 'auto' : theme);
    save.mutate({ theme });
  };
  return (
    <>
      <SettingRow label={t('settings.theme')} help={t('settings.themeHelp')}>
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
      </SettingRow>
      <SettingRow label={t('settings.language')} help={t('settings.languageHelp')}>
        <Select
          aria-label={t('settings.language')}
          data={languageChoices()}
          value={settings.language}
          onChange={(language) => language !== null && save.mutate({ language })}
          allowDeselect={false}
          w={240}
        />
      </SettingRow>
      <SettingRow label={t('settings.folder')} help={t('settings.folderHelp')}>
        <TextInput
          aria-label={t('settings.folder')}
          value={folder}
          onChange={(event) => setFolder(event.currentTarget.value)}
          onBlur={() =>
            folder !== settings.snapshotFolder && save.mutate({ snapshotFolder: folder })
          }
          w={240}
        />
      </SettingRow>
      {save.error && <ErrorNotice error={save.error} />}
    </>
  );
}

function languageChoices(): { value: string; label: string }[] {
  const system = ownName(pickLanguage('system', navigator.languages));
  return [
    { value: 'system', label: t('settings.languageSystem', { language: system }) },
    ...languages.map((tag) => ({ value: tag, label: ownName(tag) })),
  ];
}
