import type { runs as english } from '../en/runs.ts';
import type { Translated } from '../shape.ts';

/** Vorgänge und ihre Schritte, wo immer sie gezeigt werden. */
export const runs: Translated<typeof english> = {
  run: {
    running: 'Läuft',
    starting: 'Beginnt',
    percent: '{{percent}} %',
    eta: 'noch {{duration}}',
    amount: '{{done}} von {{total}}',
    amountFiles: '{{done}} von {{total}} · {{files}} von {{totalFiles}} Dateien',
    progressLabel: 'Fortschritt von {{title}}',
    done_one: '{{size}} in {{count, number}} Datei, {{duration}}.',
    done_other: '{{size}} in {{files}} Dateien, {{duration}}.',
    failed: 'Das ist fehlgeschlagen.',
    cancelled: 'Nach {{duration}} abgebrochen. Was vorher da war, ist unverändert.',
    interrupted: 'Währenddessen endete der Dienst. Was vorher da war, ist unverändert.',
    putAway: 'Ausblenden: {{title}}',
    announce: '{{title}}: {{now}}',
  },
  runKind: {
    backup: 'Sicherung',
    snapshot: 'Schnappschuss',
    restore: 'Wiederherstellung',
    prune: 'Aufräumen',
    verify: 'Prüfung',
    rescue: 'Rettung',
    compare: 'Vergleich',
    heal: 'Reparatur',
  },
  runState: {
    running: 'Läuft',
    done: 'Fertig',
    failed: 'Fehlgeschlagen',
    cancelled: 'Abgebrochen',
    interrupted: 'Unterbrochen',
  },
  step: {
    snapshot: 'Schnappschuss anlegen',
    plan: 'Zählen, was zu senden ist',
    send: 'Auf das Laufwerk senden',
    receive: 'Auf das Laufwerk schreiben',
    check: 'Prüfen',
    copy: 'Kopieren',
    delete: 'Löschen',
  },
  stepState: {
    waiting: 'Nicht erreicht',
    running: 'Läuft',
    done: 'Fertig',
    failed: 'Fehlgeschlagen',
    skipped: 'Ausgelassen',
  },
};
