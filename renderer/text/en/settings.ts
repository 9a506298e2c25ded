/** Settings. */
export const settings = {
  settings: {
    theme: 'Appearance',
    themeHelp: 'Light, dark, or as the desktop says.',
    themeSystem: 'As the desktop',
    themeLight: 'Light',
    themeDark: 'Dark',
    language: 'Language',
    languageHelp: 'Numbers and dates are written as the language writes them.',
    languageSystem: 'As the desktop ({{language}})',
    folder: 'Snapshot folder',
    folderHelp: 'Local snapshots are kept in this folder beside the subvolumes of a volume.',
    diagnostics: 'Diagnostics',
    diagnosticsHelp: 'What to put into a report. Nothing is sent anywhere.',
  },
} as const;
