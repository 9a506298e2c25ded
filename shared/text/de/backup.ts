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
    streamsOption: '{{name}} ({{filesystem}}, {{free}} frei: als Datenstromdateien)',
    unmountedOption: '{{name}} ({{filesystem}}, {{size}}, noch nicht eingehängt)',
    lockedOption: '{{name}} ({{size}}, gesperrt)',
    isUnmounted: '{{name}} ist angeschlossen und noch nicht eingehängt.',
    isLocked: '{{name}} ist verschlüsselt und gesperrt.',
    exportFull_zero: 'Alles: keine Dateien, höchstens {{size}}.',
    exportFull_one: 'Alles: {{files}} Datei, höchstens {{size}}. Sie wird unterwegs gepackt.',
    exportFull_other: 'Alles: {{files}} Dateien, höchstens {{size}}. Sie werden unterwegs gepackt.',
    exportSince_zero:
      'Nur, was sich geändert hat, seit {{moment}}: keine Dateien, höchstens {{size}}.',
    exportSince_one:
      'Nur, was sich geändert hat, seit {{moment}}: {{files}} Datei, höchstens {{size}}. Sie wird unterwegs gepackt.',
    exportSince_other:
      'Nur, was sich geändert hat, seit {{moment}}: {{files}} Dateien, höchstens {{size}}. Sie werden unterwegs gepackt.',
    folder: 'Ordner auf dem Laufwerk',
    folderTop: 'Oberste Ebene des Laufwerks',
    noTarget:
      'Kein anderes Laufwerk ist angeschlossen, auf das gesichert werden kann. Schließen Sie eines an; es erscheint hier von selbst. Die Platte, von der das System läuft, wird nie angeboten.',
    counting: 'Es wird genau gezählt, was zu senden ist …',
    how: 'Wie viel gesendet wird',
    full: 'Alles, als neuer Anfang',
    since: 'Nur, was sich geändert hat, seit {{moment}}',
    files_zero: 'keine Dateien',
    files_one: '{{files}} Datei',
    files_other: '{{files}} Dateien',
    start: '{{size}} an {{drive}} senden',
    noRoom:
      'Auf {{drive}} sind {{free}} frei: {{missing}} zu wenig. Schaffen Sie dort Platz, oder wählen Sie ein anderes Laufwerk.',
  },
};
