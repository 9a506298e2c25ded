import type { errors as english } from '../en/errors.ts';
import type { Translated } from '../shape.ts';

/** Was geschehen ist und was es für die Daten bedeutet. */
export const errors: Translated<typeof english> = {
  error: {
    logical: 'logische Adresse {{value}}',
    offset: 'bei Byte {{value}}',
    command: 'Befehl {{value}}',
  },
  happened: {
    targetFull: 'Das Laufwerk ist voll.',
    deviceGone: 'Das Laufwerk ist verschwunden.',
    permissionDenied: 'Das ist nicht erlaubt.',
    streamCut: 'Der Datenstrom endet zu früh.',
    streamChecksum: 'Der Datenstrom ist beschädigt.',
  },
  meaning: {
    corrupt:
      'Was gelesen wurde, passt nicht zu seiner Prüfsumme oder Form. Geändert wurde dadurch nichts.',
    unsupported: 'Die Daten sind unversehrt; diese Version von Dendro kann den Teil nicht lesen.',
    denied: 'Nichts wurde geändert.',
    conflict: 'Alles, was da war, ist unversehrt.',
    io: 'Alles, was vorher da war, ist unversehrt.',
    bug: 'Was vorher da war, wurde nicht ersetzt.',
    targetFull:
      'Alles, was da war, ist unversehrt. Was bisher gesendet wurde, gilt nicht als Wiederherstellungspunkt.',
    parentMissing:
      'Nichts wurde gesendet. Der Schnappschuss, den beide Seiten gemeinsam brauchen, ist nicht da.',
    deviceGone:
      'Was schon auf dem Laufwerk war, ist unversehrt; was gerade geschrieben wurde, gilt nicht als Wiederherstellungspunkt.',
    streamBad: 'Nichts davon gilt als Wiederherstellungspunkt; alles, was da war, ist unversehrt.',
    interrupted: 'Alles, was vorher da war, ist unversehrt.',
    dataDamaged:
      'Die Datei ließ sich nicht so lesen, wie sie geschrieben wurde. Andere Dateien betrifft das nicht.',
  },
  told: {
    'drive-away': 'Das Laufwerk ist nicht angeschlossen.',
    'drive-busy': 'Das Laufwerk wird gerade benutzt.',
    'drive-is-system': 'Auf dieser Platte wohnt das laufende System.',
    'drive-not-mounted': 'Das Laufwerk ist nicht mehr da eingehängt, wo es war.',
    'drive-swapped': 'An seiner Stelle ist ein anderes Laufwerk.',
    'drive-twins': 'Zwei Geräte tragen dasselbe Dateisystem.',
    'passphrase-needed': 'Das Laufwerk ist verschlüsselt und verschlossen.',
    'passphrase-wrong': 'Die Passphrase öffnet das Laufwerk nicht.',
    'mount-failed': 'Das Laufwerk ließ sich nicht einhängen.',
    'cannot-mount': 'Hier gibt es nichts, das ein Laufwerk einhängen könnte.',
    'not-mounted': 'Das ist nicht eingehängt.',
    'target-read-only': 'Das Laufwerk lässt sich nur lesen.',
    'source-is-target': 'Eine Sicherung auf derselben Platte ginge mit ihr verloren.',
    'volume-unknown': 'Dieses Volume ist nicht da.',
    'subvolume-unknown': 'Dieses Subvolume gibt es nicht mehr.',
    'point-unknown': 'Diesen Wiederherstellungspunkt gibt es nicht.',
    'archive-damaged': 'Ein Teil des Archivs ist beschädigt.',
    'update-unreachable': 'Der Aktualisierungskanal ließ sich nicht lesen.',
    'channel-not-signed': 'Der Aktualisierungskanal trägt keine hier bekannte Unterschrift.',
    'channel-replayed': 'Der Aktualisierungskanal ist älter als der zuletzt gesehene.',
    'channel-expired': 'Der Aktualisierungskanal ist zu alt, um ihm zu glauben.',
  },
  advice: {
    'drive-away': 'Schließen Sie es an und versuchen Sie es noch einmal.',
    'drive-busy':
      'Warten Sie ab, was gerade läuft, und schließen Sie, was Dateien darauf offen hat.',
    'drive-is-system': 'Wählen Sie ein anderes Laufwerk.',
    'drive-not-mounted': 'Hängen Sie es ein und versuchen Sie es noch einmal.',
    'drive-swapped': 'Schließen Sie das richtige an.',
    'drive-twins': 'Eines ist eine Kopie des anderen: ziehen Sie das ab, das nicht gemeint ist.',
    'passphrase-needed': 'Schließen Sie es mit seiner Passphrase auf.',
    'passphrase-wrong': 'Versuchen Sie es noch einmal; Groß- und Kleinschreibung zählt.',
    'mount-failed': 'Prüfen Sie das Laufwerk: das Protokoll des Kernels sagt mehr.',
    'cannot-mount': 'Installieren Sie UDisks2, oder hängen Sie es selbst ein.',
    'not-mounted': 'Hängen Sie es beschreibbar ein und versuchen Sie es noch einmal.',
    'target-read-only': 'Hängen Sie es beschreibbar ein.',
    'source-is-target': 'Wählen Sie ein anderes Laufwerk.',
    'volume-unknown': 'Schließen Sie sein Laufwerk an.',
    'subvolume-unknown': 'Wählen Sie ein anderes.',
    'point-unknown': 'Wählen Sie einen anderen.',
    'archive-damaged':
      'Die Anmerkungen sagen, welche Dateien; holen Sie sie aus einer anderen Kopie.',
    'update-unreachable': 'Prüfen Sie das Netz und versuchen Sie es noch einmal.',
    'channel-not-signed':
      'Nichts wurde geladen. Bleibt es dabei, besorgen Sie die neue Version von Hand.',
    'channel-replayed': 'Sehen Sie aus einem anderen Netz noch einmal nach.',
    'channel-expired': 'Prüfen Sie die Uhr dieses Rechners und sehen Sie später noch einmal nach.',
  },
};
