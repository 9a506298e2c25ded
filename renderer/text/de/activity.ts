import type { activity as english } from '../en/activity.ts';
import type { Translated } from '../shape.ts';

/** Verlauf: was gelaufen ist. */
export const activity: Translated<typeof english> = {
  activity: {
    search: 'Vorgang suchen',
    kind: 'Art des Vorgangs',
    anyKind: 'Alle Arten',
    state: 'Ausgang',
    anyState: 'Jeder Ausgang',
    none: 'Noch ist nichts gelaufen',
    noneText:
      'Hier steht jede Sicherung und jede Wiederherstellung, mit ihren Schritten und Zahlen.',
    noMatch: 'Kein Vorgang passt zu diesem Filter',
    tableLabel: 'Vorgänge',
    columnStarted: 'Begonnen',
    columnTitle: 'Vorgang',
    columnKind: 'Art',
    columnState: 'Ausgang',
    columnBytes: 'Daten',
    columnDuration: 'Dauer',
    paneLabel: 'Über diesen Vorgang',
    steps: 'Schritte',
    stepTook: '{{state}}, {{took}}',
    notes: 'Wissenswert',
    command: 'Dasselbe auf der Befehlszeile',
  },
  figure: {
    started: 'Begonnen',
    took: 'Dauer',
    data: 'Daten',
    done: 'Erledigt',
    files: 'Dateien',
    rate: 'Tempo',
    commands: 'Befehle',
    path: 'Ort',
    point: 'Angelegt',
    pointText: 'Subvolume {{id}}',
  },
};
