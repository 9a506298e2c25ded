import type { settings as english } from '../en/settings.ts';
import type { Translated } from '../shape.ts';

/** Einstellungen. */
export const settings: Translated<typeof english> = {
  settings: {
    theme: 'Erscheinungsbild',
    themeHelp: 'Hell, dunkel oder wie das System.',
    themeSystem: 'Wie das System',
    themeLight: 'Hell',
    themeDark: 'Dunkel',
    language: 'Sprache',
    languageHelp: 'Zahlen und Daten stehen in der Schreibweise der Sprache.',
    languageSystem: 'Wie das System ({{language}})',
    folder: 'Ordner für Schnappschüsse',
    folderHelp:
      'In diesem Ordner neben den Subvolumes eines Dateisystems liegen die Schnappschüsse dieses Rechners.',
    shortcuts: 'Tastatur',
    shortcutsHelp: 'Alles geht auch ohne Maus.',
    shortcutsShow: 'Tastenkürzel zeigen',
    history: 'Verlauf',
    historyHelp:
      'Vorgänge, die länger zurückliegen, werden vergessen, ebenso die ältesten über dieser Zahl. Wiederherstellungspunkte betrifft das nicht.',
    historyDays: 'Tage',
    historyRuns: 'Vorgänge',
    pause: 'Pläne anhalten',
    pauseHelp: 'Solange Pläne ruhen, beginnen sie von selbst nichts. Was läuft, läuft weiter.',
    pausedUntil: 'Die Pläne ruhen bis {{moment}}.',
    notPaused: 'Die Pläne laufen zu ihren Zeiten.',
    pauseHours_one: 'Für {{count, number}} Stunde',
    pauseHours_other: 'Für {{count, number}} Stunden',
    goOn: 'Wieder laufen lassen',
    updates: 'Neue Versionen',
    updatesHelp:
      'Einmal am Tag wird der Aktualisierungskanal dieses Pakets gefragt, ob es eine neuere Version gibt. Seine Signatur wird geprüft. Ohne Sie wird nichts geladen und nichts installiert.',
    updatesNone:
      'Diese Ausgabe hat keinen Aktualisierungskanal: Sie wird von der Paketverwaltung oder von Hand erneuert.',
    updatesSwitch: 'Einmal am Tag nachsehen',
    updatesLook: 'Jetzt nachsehen',
    updatesDownload: '{{version}} herunterladen ({{size}})',
    updatesUnknown: 'Noch nicht nachgesehen.',
    updatesCurrent: 'Das ist die neueste Version. Nachgesehen: {{moment}}.',
    updatesAvailable: 'Es gibt Version {{version}}. Nachgesehen: {{moment}}.',
    updatesByHand:
      'Es gibt Version {{version}}. Sie lässt sich nicht unmittelbar über diese installieren: Besorgen Sie sie von Hand.',
    updatesNotes: 'Neu in {{version}}',
    updatesReady:
      'Heruntergeladen; Signatur und Prüfsumme stimmen. Diese Zeile installiert sie, Dendro tut es nicht:',
    silence: 'Lange keine Sicherung',
    silenceHelp: 'Melden, wenn eine Quelle so viele Tage keine gute Sicherung hatte.',
    silenceDays: 'Tage',
    notices: 'Meldungen',
    noticesHelp:
      'Wie Sie erfahren, was nicht stimmt, und wann es wieder stimmt. Nichts wird ohne Not zweimal gemeldet.',
    notify: 'Melden',
    way: {
      desktop: 'Auf dem Desktop',
      mail: 'Per Mail',
      command: 'Durch einen Befehl',
      webhook: 'Durch einen Webhook',
    },
    event: {
      failure: 'einen Fehlschlag',
      recovery: 'wenn es wieder geht',
      silence: 'lange keine Sicherung',
      'drive-missing': 'ein fehlendes Laufwerk',
    },
    to: 'An',
    commandWords: 'Programm und Argumente, je Zeile eines',
    url: 'Adresse',
    tokenFile: 'Datei mit dem Wert von Authorization',
    addWay: 'Noch ein Weg',
    saveWays: 'Meldungen speichern',
    incomplete: 'Etwas fehlt oder hat eine Form, die nicht geht.',
    catalogue: 'In allem suchen',
    catalogueHelp:
      'Namen, Größen und Zeiten der Dateien in jedem Wiederherstellungspunkt werden gemerkt, damit auch Laufwerke im Schrank durchsucht werden können.',
    catalogueFacts:
      '{{versions}} Fassungen in {{points}} Wiederherstellungspunkten, {{size}} auf diesem Rechner.',
    catalogueWaiting_one: '{{count, number}} Wiederherstellungspunkt ist noch nicht aufgenommen.',
    catalogueWaiting_other:
      '{{count, number}} Wiederherstellungspunkte sind noch nicht aufgenommen.',
    catalogueUpdate: 'Jetzt aufnehmen',
    catalogueRebuild: 'Neu anlegen',
    catalogueSource: 'Namen von {{name}} merken',
    service: 'Dienst',
    serviceText: 'Dendro {{version}} auf {{host}}, als {{user}}.',
    diagnostics: 'Diagnose',
    diagnosticsHelp: 'Was in einen Fehlerbericht gehört. Gesendet wird nichts.',
  },
};
