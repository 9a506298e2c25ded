import type { home as english } from '../en/home.ts';
import type { Translated } from '../shape.ts';

/** Übersicht: Quellen, ihre Orte und Punkte, die ersten Schritte. */
export const home: Translated<typeof english> = {
  place: {
    label: 'Aufbewahrt auf',
    here: 'diesem Rechner',
    thisComputer: 'Dieser Rechner',
    driveAway: '{{name}} (nicht da)',
  },
  sample: {
    changed: '{{moment}}: {{size}} geändert',
    joined_one: '{{count, number}} Zeitpunkt, {{from}} bis {{to}}',
    joined_other: '{{count, number}} Zeitpunkte, {{from}} bis {{to}}',
    label_one: 'Bohrkern von {{name}}: {{count, number}} Wiederherstellungspunkt',
    label_other: 'Bohrkern von {{name}}: {{count, number}} Wiederherstellungspunkte',
    gap_one: '{{count, number}} Tag lang nichts',
    gap_other: '{{count, number}} Tage lang nichts',
  },
  source: {
    system: 'System',
    unprotected: 'Noch schützt nichts {{name}}.',
    hereOnly:
      '{{name}} hat Wiederherstellungspunkte bis {{moment}}, aber nur auf diesem Rechner. Fällt seine Platte aus, sind sie mit verloren.',
    safe: '{{name}} ist gesichert, Stand {{moment}}: auf diesem Rechner und auf {{drives}}.',
    checked: 'Zuletzt geprüft: {{moment}}.',
    safeOnDrive: '{{name}} ist gesichert, Stand {{moment}}: auf {{drives}}.',
    away_one:
      '{{drives}} ist seit {{away}} nicht da. Verloren ist nichts: {{name}} liegt dort, Stand {{moment}}.',
    away_other:
      '{{drives}} sind seit {{away}} nicht da. Verloren ist nichts: {{name}} liegt dort, Stand {{moment}}.',
    aheadOfClock:
      '{{name}} liegt auf {{places}}. Bis wann es gesichert ist, lässt sich nicht sagen: Der neueste Wiederherstellungspunkt trägt ein Datum, das nach der Uhr dieses Rechners noch kommt ({{moment}}).',
    farReached: '{{name}} hat zuletzt geantwortet: {{reached}}.',
    farFailed: '{{name}} hat nicht geantwortet ({{failed}}), zuletzt {{reached}}.',
    next: 'Als Nächstes: {{moment}}',
    restore: 'Wiederherstellen …',
    backUp: '{{name}} sichern',
    backUpShort: 'Sichern …',
  },
  point: {
    withSize: '{{moment}}: {{size}} geändert, auf {{places}}',
    plain: '{{moment}}, auf {{places}}',
  },
  first: {
    title: 'In drei Schritten zur ersten Sicherung',
    what: 'Was gesichert wird',
    source: '{{name}} ({{where}})',
    whatNone: 'Auf diesem Rechner ist kein btrfs-Subvolume eingehängt.',
    where: 'Wohin es gesichert wird',
    whereNone:
      'Schließen Sie ein Laufwerk an: Es erscheint hier von selbst. Am besten eines mit btrfs, jedes andere Dateisystem geht auch. Die Platte, von der das System läuft, wird nie angeboten.',
    go: 'Sichern',
    goText:
      'Dendro legt einen schreibgeschützten Schnappschuss an, zählt genau, was zu senden ist, und sendet es. Sie können dabei weiterarbeiten.',
    action: 'Die erste Sicherung anlegen',
    found: 'Gefunden',
  },
};
