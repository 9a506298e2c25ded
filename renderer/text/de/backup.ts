import type { backup as english } from '../en/backup.ts';
import type { Translated } from '../shape.ts';

/** Der Dialog „Jetzt sichern“. */
export const backup: Translated<typeof english> = {
  backup: {
    title: 'Jetzt sichern',
    source: 'Was',
    sourceOption: '{{name}}, auf {{volume}}',
    target: 'Wohin',
    targetOption: '{{name}} ({{free}} frei)',
    folder: 'Ordner auf dem Laufwerk',
    folderTop: 'Oberste Ebene des Laufwerks',
    noTarget:
      'Kein anderes beschreibbares btrfs-Laufwerk ist eingehängt. Schließen Sie eines an und hängen Sie es ein; es erscheint hier von selbst.',
    counting: 'Es wird genau gezählt, was zu senden ist …',
    how: 'Wie viel gesendet wird',
    full: 'Alles, als neuer Anfang',
    since: 'Nur was sich geändert hat, seit {{moment}}',
    files_one: '{{files}} Datei',
    files_other: '{{files}} Dateien',
    start: '{{size}} an {{drive}} senden',
    noRoom:
      'Auf {{drive}} sind {{free}} frei: {{missing}} zu wenig. Schaffen Sie dort Platz oder wählen Sie ein anderes Laufwerk.',
  },
};
