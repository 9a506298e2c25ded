import type { NoteWords } from '../../words.ts';

/** Anmerkungen zu Vorgängen und was ihre Schritte von sich sagen. */
export const notes: NoteWords = {
  'and-more': 'und {{count, number}} weitere',
  'more-of-kind': 'und {{count, number}} weitere dieser Art',
  'more-damaged': 'und {{count, number}} weitere beschädigte',
  'as-folder': 'als Ordner',
  'as-subvolume': 'als Subvolume',
  'arrived-kept': 'Was angekommen ist, bleibt; die nächste Sicherung geht dort weiter.',
  'bad-place': [
    'Beschädigt: {{name}} bei Byte {{offset}} ({{what}}, {{reason}}), auf {{device}} bei Byte {{physical}}. Gute Kopie: {{goodCopy}}.',
    'Beschädigt: {{name}} bei Byte {{offset}} ({{what}}, {{reason}}), auf {{device}} bei Byte {{physical}}. Keine gute Kopie.',
    'Beschädigt ({{what}}, {{reason}}): {{device}} bei Byte {{physical}}. Gute Kopie: {{goodCopy}}.',
    'Beschädigt ({{what}}, {{reason}}): {{device}} bei Byte {{physical}}. Keine gute Kopie.',
  ],
  'blocks-lost': {
    one: 'Ein Baumblock ist verloren.',
    other: '{{count, number}} Baumblöcke sind verloren.',
  },
  'came-back': {
    one: 'Eine Datei kam so zurück, wie sie gesichert wurde.',
    other: '{{count, number}} Dateien kamen so zurück, wie sie gesichert wurden.',
  },
  'record-made': 'Die Aufzeichnung zu {{name}}, die ausstand, ist erstellt.',
  'record-stays-due': 'Die Aufzeichnung zu {{name}} steht weiter aus: {{reason}}',
  'record-too-large': 'Zu {{name}} wird keine Aufzeichnung aufbewahrt: Sie ist zu groß.',
  'changed-since': 'was sich seit {{parent}} geändert hat',
  commands: { one: '1 Befehl', other: '{{count, number}} Befehle' },
  'complete-far': 'vollständig und schreibgeschützt auf dem anderen Rechner',
  'damaged-healable': {
    one: '1 beschädigte Datei, reparierbar: {{healable, number}}',
    other: '{{count, number}} beschädigte Dateien, reparierbar: {{healable, number}}',
  },
  'damaged-in-point': [
    'Im Wiederherstellungspunkt beschädigt: {{path}}, Bytes {{offset, number}} bis {{end, number}}. {{reason}}',
    'Im Wiederherstellungspunkt beschädigt: {{path}}. {{reason}}',
  ],
  deleted: '{{count, number}} gelöscht',
  'deleted-some-stay':
    '{{count, number}} gelöscht; für andere, die darauf aufbauen, bleiben: {{stay, number}}',
  'device-missing': 'Gerät {{id}} fehlt: Seine Kopien wurden nicht geprüft.',
  differences:
    'dazugekommen: {{added, number}}, entfernt: {{removed, number}}, verschoben: {{moved, number}}, geändert: {{modified, number}}, nur mit anderen Eigenschaften: {{metadata, number}}',
  'file-problem': '{{path}}: {{reason}}',
  files: { one: '1 Datei', other: '{{count, number}} Dateien' },
  'files-of-subvolumes': {
    one: '1 Datei aus Subvolumes ({{subvolumes, number}})',
    other: '{{count, number}} Dateien aus Subvolumes ({{subvolumes, number}})',
  },
  'for-room-here': {
    one: 'Ein Wiederherstellungspunkt geht vor seiner Zeit: Auf diesem Datenträger ist zu wenig Platz.',
    other:
      '{{count, number}} Wiederherstellungspunkte gehen vor ihrer Zeit: Auf diesem Datenträger ist zu wenig Platz.',
  },
  'for-room-there': {
    one: 'Ein Wiederherstellungspunkt geht vor seiner Zeit: Dort ist zu wenig Platz.',
    other:
      '{{count, number}} Wiederherstellungspunkte gehen vor ihrer Zeit: Dort ist zu wenig Platz.',
  },
  'goes-on-with': {
    one: 'Es geht mit {{path}} weiter, wovon ein Befehl schon angekommen war.',
    other: 'Es geht mit {{path}} weiter, wovon {{count, number}} Befehle schon angekommen waren.',
  },
  'heal-found-all':
    '{{path}}: {{bytes, number}} Bytes passen nicht zu ihrer Prüfsumme; alle stehen in anderen Wiederherstellungspunkten.',
  'heal-found-part':
    '{{path}}: {{bytes, number}} Bytes passen nicht zu ihrer Prüfsumme; nicht alle wurden gefunden.',
  hold: {
    one: 'Eine Datei passt zu ihren Prüfsummen.',
    other: '{{count, number}} Dateien passen zu ihren Prüfsummen.',
  },
  'in-full': { one: 'alles: 1 Datei', other: 'alles: {{count, number}} Dateien' },
  'indexes-made': {
    one: '1 Verzeichnis neu erstellt',
    other: '{{count, number}} Verzeichnisse neu erstellt',
  },
  'is-full': '{{name}} hängt jetzt von keinem anderen mehr ab',
  'left-as-is': {
    one: 'Eines blieb, wie es ist: Etwas mit diesem Namen ist schon da.',
    other: '{{count, number}} blieben, wie sie sind: Etwas mit diesen Namen ist schon da.',
  },
  loss: '{{path}}: nicht übernommen: {{what}}',
  'made-full': '{{name}} ist jetzt ein vollständiger Datenstrom',
  'more-nested-left-out': {
    one: 'Ein weiteres Subvolume darunter sichert kein Plan.',
    other: '{{count, number}} weitere Subvolumes darunter sichert kein Plan.',
  },
  'moved-aside': 'Was unter {{path}} war, heißt jetzt {{kept}}.',
  'nested-left-out':
    '„{{path}}“ ist ein eigenes Subvolume, und kein Plan sichert es; ein Plan kann die Subvolumes unter seiner Quelle mitnehmen.',
  'no-checksums': '{{bytes, number}} Bytes haben keine Prüfsummen.',
  'not-all-seen': 'Nicht alle Dateien wurden gesehen. {{reason}}',
  'not-kept': '{{path}}: nicht übernommen: {{what}}',
  'nothing-of': 'Von Subvolume {{subvolumeId}} ist nichts da. {{reason}}',
  'old-kept': 'Das bisherige bleibt als {{path}}.',
  'open-in':
    '{{path}} ist in {{program}} geöffnet (Prozess {{processId}}), das mit dem weiterarbeitet, was es geöffnet hat: Starten Sie es neu, um das Wiederhergestellte zu sehen.',
  'place-not-looked': 'In {{name}} ließ sich nicht nachsehen. {{reason}}',
  points: {
    one: '1 Wiederherstellungspunkt',
    other: '{{count, number}} Wiederherstellungspunkte',
  },
  'points-in-places': {
    one: '1 Wiederherstellungspunkt; Orte: {{places, number}}',
    other: '{{count, number}} Wiederherstellungspunkte; Orte: {{places, number}}',
  },
  'points-removed': {
    one: '1 Wiederherstellungspunkt entfernt',
    other: '{{count, number}} Wiederherstellungspunkte entfernt',
  },
  'points-taken-in': {
    one: '1 Wiederherstellungspunkt übernommen',
    other: '{{count, number}} Wiederherstellungspunkte übernommen',
  },
  'points-whole': {
    one: '1 Wiederherstellungspunkt ist vollständig',
    other: '{{count, number}} Wiederherstellungspunkte sind vollständig',
  },
  removed: '{{name}} entfernt',
  'restored-to': [
    {
      one: '1 Datei nach {{folder}}; beschädigt: {{damageCount, number}}',
      other: '{{count, number}} Dateien nach {{folder}}; beschädigt: {{damageCount, number}}',
    },
    { one: '1 Datei nach {{folder}}', other: '{{count, number}} Dateien nach {{folder}}' },
  ],
  'scrub-heals': {
    one: 'Nur in einer Kopie beschädigt, sodass btrfs scrub start sie repariert: 1 Datei.',
    other:
      'Nur in einer Kopie beschädigt, sodass btrfs scrub start sie repariert: {{count, number}} Dateien.',
  },
  'shown-before': '{{reason}} Was davor steht, wird gezeigt.',
  since: {
    one: 'was sich seit {{parent}} geändert hat: 1 Datei',
    other: 'was sich seit {{parent}} geändert hat: {{count, number}} Dateien',
  },
  'snapshot-stays': 'Der Schnappschuss {{path}} bleibt auf {{name}}.',
  'source-left-out': [
    '„{{path}}“ ist nicht mehr da und wurde ausgelassen. Die Wiederherstellungspunkte bleiben.',
    'Subvolume {{subvolumeId}} ist nicht mehr da und wurde ausgelassen. Die Wiederherstellungspunkte bleiben.',
  ],
  'stays-in-old': '{{name}} bleibt im bisherigen.',
  'streams-written-anew': {
    one: '1 Datenstrom neu geschrieben',
    other: '{{count, number}} Datenströme neu geschrieben',
  },
  'taken-in': '{{name}} aufgenommen',
  'unreadable-different': {
    one: 'Eines ließ sich nicht lesen und gilt als verschieden.',
    other: '{{count, number}} ließen sich nicht lesen und gelten als verschieden.',
  },
  unverified: '{{bytes, number}} Bytes haben an der Quelle keine Prüfsummen (nodatasum).',
  'update-right': 'Signatur und Prüfsumme stimmen; installiert wurde nichts.',
  verified: 'Baumblöcke: {{blocks, number}}; Daten: {{bytes, number}} Bytes',
  waiting: '{{reason}} Dendro wartet darauf; was wiederhergestellt ist, bleibt.',
  'was-there': 'es war schon da',
  'went-on': 'Es ging bei Befehl {{command, number}} weiter.',
  'went-on-cut-off': {
    one: 'Es ging dort weiter, wo es abgebrochen war: Ein Befehl war schon da.',
    other: 'Es ging dort weiter, wo es abgebrochen war: {{count, number}} Befehle waren schon da.',
  },
  whole: 'alles',
  'whole-in-archive': 'vollständig und wiederherstellbar im Archiv',
  'written-anew': '{{name}} neu geschrieben',
};
