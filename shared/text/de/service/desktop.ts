import type { NoteWords } from '../../words.ts';

/** Neben der Seite: das Symbol in der Leiste, Meldungen der App, Meldungen zu Plänen. */
export const desktop: NoteWords = {
  'desktop-open': 'Dendro öffnen',
  'desktop-idle': 'Es läuft nichts',
  'desktop-paused': 'Pläne ruhen bis {{until}}',
  'desktop-pause-hour': 'Pläne eine Stunde ruhen lassen',
  'desktop-pause-day': 'Pläne bis morgen ruhen lassen',
  'desktop-resume': 'Pläne weiterlaufen lassen',
  'desktop-unlock': 'Laufwerke dieses Rechners freigeben …',
  'desktop-autostart': 'Beim Anmelden starten',
  'desktop-quit': 'Dendro beenden',
  'desktop-done': '{{title}}: fertig',
  'desktop-failed': '{{title}}: fehlgeschlagen',
  'desktop-service-lost': 'Der Dienst von Dendro hat sich beendet',
  'desktop-service-lost-text':
    'Was im Gange war, geht weiter, sobald er zurück ist. Dendro sucht nach ihm.',
  'desktop-service-back': 'Der Dienst von Dendro ist zurück',
  'desktop-page-lost': 'Das Fenster musste neu geladen werden',
  'desktop-page-lost-text': 'Sicherungen hat das nicht berührt: Sie macht der Dienst.',
  'desktop-page-lost-again': 'Das Fenster stürzt immer wieder ab',
  'desktop-quit-now': 'Beenden',
  'desktop-load-again': 'Neu laden',
  'desktop-cannot-start': 'Dendro konnte nicht starten',
  'notice-failure': '{{name}}: Die Sicherung ist fehlgeschlagen',
  'notice-recovery': '{{name}} wird wieder gesichert',
  'notice-recovery-text': 'Die Störung ist behoben.',
  'notice-silence': {
    one: 'Seit {{count, number}} Tag nicht gesichert: {{name}}',
    other: 'Seit {{count, number}} Tagen nicht gesichert: {{name}}',
  },
  'notice-drive-missing': {
    one: '{{name}} war seit {{count, number}} Tag nicht da',
    other: '{{name}} war seit {{count, number}} Tagen nicht da',
  },
  'notice-drive-missing-text':
    'Verloren ist nichts. Schließen Sie es an, und die Sicherung geht dort weiter, wo sie war.',
  'notice-no-backup': 'Davon gibt es noch keine Sicherung.',
  'notice-intact': 'Was vorher gesichert wurde, ist unversehrt.',
  'notice-old-backup': {
    one: 'Die letzte Sicherung ist {{count, number}} Tag alt; was vorher gesichert wurde, ist unversehrt.',
    other:
      'Die letzte Sicherung ist {{count, number}} Tage alt; was vorher gesichert wurde, ist unversehrt.',
  },
  'notice-before-plan': {
    one: 'Die letzte Sicherung ist {{count, number}} Tag alt, aus der Zeit vor diesem Plan.',
    other: 'Die letzte Sicherung ist {{count, number}} Tage alt, aus der Zeit vor diesem Plan.',
  },
};
