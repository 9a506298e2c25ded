import type { settings as english } from '../en/settings.ts';
import type { Translated } from '../shape.ts';

/** Einstellungen. */
export const settings: Translated<typeof english> = {
  settings: {
    theme: 'Erscheinungsbild',
    themeHelp: 'Hell, dunkel oder wie der Schreibtisch.',
    themeSystem: 'Wie der Schreibtisch',
    themeLight: 'Hell',
    themeDark: 'Dunkel',
    language: 'Sprache',
    languageHelp: 'Zahlen und Daten stehen in der Schreibweise der Sprache.',
    languageSystem: 'Wie der Schreibtisch ({{language}})',
    folder: 'Ordner für Schnappschüsse',
    folderHelp:
      'In diesem Ordner neben den Subvolumes eines Dateisystems liegen die Schnappschüsse dieses Rechners.',
    diagnostics: 'Diagnose',
    diagnosticsHelp: 'Was in einen Fehlerbericht gehört. Gesendet wird nichts.',
  },
};
