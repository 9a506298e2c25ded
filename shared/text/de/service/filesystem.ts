import type { ErrorWords } from '../../words.ts';

const RESCUE = 'Sichern Sie unter „Retten“, was sich noch lesen lässt.';
const CHECK =
  'Prüfen Sie das Dateisystem mit btrfs check, und sichern Sie unter „Retten“, was lesbar ist.';
const NEWER = 'Eine neuere Version von Dendro kann das vielleicht lesen.';

/** Was im Inneren eines btrfs-Dateisystems beschädigt, unbekannt oder nicht da ist. */
export const filesystem: ErrorWords = {
  'checksum-missing': {
    what: 'Den Daten bei Adresse {{logical}} fehlt die Prüfsumme, die sie haben sollten.',
    todo: 'Der Baum der Prüfsummen ist beschädigt; unter „Retten“ lassen sich solche Dateien ungeprüft herauskopieren.',
  },
  'chunk-damaged': { what: 'Der Chunk bei Adresse {{logical}} ist beschädigt.', todo: RESCUE },
  'compressed-data-damaged': {
    what: 'Komprimierte Daten lassen sich nicht entpacken.',
    todo: 'Die Prüfsumme stimmte, sie wurden also schon beschädigt geschrieben: Holen Sie die Datei aus einem anderen Wiederherstellungspunkt.',
  },
  'compression-unknown': {
    what: 'Die Komprimierung {{compression}} ist nicht bekannt.',
    todo: NEWER,
  },
  'unknown-compression': {
    what: 'Die Komprimierung {{compression}} ist nicht bekannt.',
    todo: NEWER,
  },
  'damage-found': {
    what: 'Beschädigte Stellen ohne gute Kopie: {{lost, number}}.',
    todo: 'Der Bericht nennt die Dateien: Stellen Sie sie aus einer Sicherung wieder her.',
  },
  'data-damaged': {
    what: 'Daten sind in jeder Kopie beschädigt ({{where}}).',
    todo: 'Stellen Sie die Datei aus einer Sicherung wieder her; was noch gut ist, lässt sich unter „Retten“ herauskopieren.',
  },
  'directory-damaged': {
    what: 'Das Verzeichnis mit der Inode-Nummer {{inode}} ist beschädigt.',
    todo: RESCUE,
  },
  'directory-without-top': {
    what: 'Das Verzeichnis mit der Inode-Nummer {{inode}} führt nicht zur Spitze seines Subvolumes.',
    todo: CHECK,
  },
  'directory-twice': {
    what: 'Das Verzeichnis mit der Inode-Nummer {{inode}} steht an zwei Orten.',
    todo: RESCUE,
  },
  'extent-damaged': { what: 'Ein Datenbereich von Inode {{inode}} ist beschädigt.', todo: CHECK },
  'file-extent-damaged': {
    what: 'Ein Datenbereich von Inode {{inode}} ist beschädigt.',
    todo: CHECK,
  },
  'extent-encoding': {
    what: 'Ein Datenbereich ist verschlüsselt oder auf unbekannte Art gespeichert.',
    todo: NEWER,
  },
  'extent-item-damaged': {
    what: 'Der Eintrag des Datenbereichs bei Adresse {{logical}} ist beschädigt.',
    todo: CHECK,
  },
  'file-changed': {
    what: 'Inode {{inode}} änderte sich beim Lesen (bei Byte {{position, number}}).',
    todo: 'Lesen Sie aus einem schreibgeschützten Schnappschuss.',
  },
  'inode-damaged': { what: 'Inode {{inode}} ist beschädigt.', todo: CHECK },
  'inode-item-damaged': { what: 'Der Eintrag von Inode {{inode}} ist beschädigt.', todo: CHECK },
  'inode-missing': { what: 'Ein Name führt zu Inode {{inode}}, die es nicht gibt.', todo: RESCUE },
  'inode-ref-damaged': { what: 'Die Namen von Inode {{inode}} sind beschädigt.', todo: CHECK },
  'inode-without-name': {
    what: 'Inode {{inode}} ist verknüpft, hat aber keinen Namen.',
    todo: CHECK,
  },
  'name-damaged': { what: 'Ein Name von Inode {{inode}} ist beschädigt.', todo: CHECK },
  'no-such-inode': {
    what: 'Es gibt keine Inode {{inode}}.',
    todo: 'Sehen Sie nach, ob die Datei inzwischen gelöscht wurde.',
  },
  'not-btrfs': {
    what: [
      'Auf {{device}} ist kein btrfs-Dateisystem.',
      '„{{path}}“ liegt nicht auf einem btrfs-Dateisystem.',
    ],
    todo: 'Prüfen Sie den Namen, und wählen Sie einen Ort auf btrfs; auf andere Laufwerke gehen Sicherungen als Datenstromdateien.',
  },
  'nothing-to-rescue': {
    what: 'Von einem btrfs-Dateisystem ist auf {{names}} nichts lesbar.',
    todo: 'Erstellen Sie ein Abbild der Platte (ddrescue), bevor Sie etwas anderes versuchen.',
  },
  'number-too-large': {
    what: 'Die Zahl {{value}} ist zu groß, um wahr zu sein: Metadaten sind beschädigt.',
    todo: 'Versuchen Sie es mit einer anderen Kopie. ' + RESCUE,
  },
  'parity-insufficient': {
    what: 'Zu viele Streifen fehlen, um die Daten bei Adresse {{logical}} zu rekonstruieren.',
    todo: 'Schließen Sie die fehlenden Geräte des Dateisystems an.',
  },
  'rebuild-failed': {
    what: 'Aus den übrigen Geräten ließen sich die Daten nicht rekonstruieren.',
    todo: 'Schließen Sie die fehlenden Geräte des Dateisystems an.',
  },
  'rescue-target-exists': {
    what: '{{path}} ist schon da und nicht leer.',
    todo: 'Wählen Sie einen neuen oder leeren Ordner.',
  },
  'rescue-target-failed': {
    what: '{{name}} ließ sich nicht schreiben ({{reason}}).',
    todo: 'Schaffen Sie Platz, oder wählen Sie einen anderen, neuen Ordner.',
  },
  'root-item-damaged': {
    what: 'Der Wurzeleintrag von Baum {{tree}} ist beschädigt.',
    todo: RESCUE,
  },
  'root-ref-damaged': {
    what: 'Der Eintrag, der den Ort von Subvolume {{subvolume}} angibt, ist beschädigt.',
    todo: CHECK,
  },
  'subvolume-not-found': {
    what: 'Es gibt kein Subvolume {{name}}, das erreichbar wäre.',
    todo: 'Wählen Sie ein anderes.',
  },
  'superblock-damaged': {
    what: 'Der Superblock auf {{device}} bei Byte {{physical}} ist beschädigt.',
    todo: RESCUE,
  },
  'symlink-damaged': {
    what: 'Der symbolische Link mit der Inode-Nummer {{inode}} hat ein unmögliches Ziel.',
    todo: CHECK,
  },
  'tree-block-damaged': {
    what: 'Der Baumblock bei Adresse {{logical}} ist beschädigt.',
    todo: RESCUE,
  },
  'tree-gone': {
    what: 'Baum {{tree}} wurde inzwischen gelöscht.',
    todo: 'Wählen Sie einen anderen Schnappschuss.',
  },
  'tree-missing': {
    what: 'Baum {{tree}} gibt es in diesem Dateisystem nicht.',
    todo: 'Wählen Sie ein anderes Subvolume.',
  },
  'tree-order': {
    what: 'Der Baumblock bei Adresse {{logical}} passt nicht an seinen Platz.',
    todo: RESCUE,
  },
  'unknown-checksum': {
    what: 'Dieses Dateisystem verwendet Prüfsummen der unbekannten Art {{type}}.',
    todo: NEWER,
  },
  'size-too-large': {
    what: 'Inode {{inode}} ist eine Datei von {{size}} Bytes; Dendro liest Dateien unter 8 PiB.',
    todo: 'Alles andere ist lesbar; lassen Sie sie mit --exclude aus dem Gesendeten heraus.',
  },
  'unknown-extent': {
    what: 'Inode {{inode}} hat einen Datenbereich unbekannter Art.',
    todo: NEWER,
  },
  'unmapped-address': {
    what: 'Kein Chunk enthält die logische Adresse {{logical}}.',
    todo: 'Die Metadaten, die dorthin zeigen, sind beschädigt. ' + RESCUE,
  },
  'unsupported-feature': {
    what: 'Das Dateisystem auf {{device}} verwendet {{names}}; das kann Dendro nicht lesen.',
    todo: 'Hängen Sie es mit einem Kernel ein, der das beherrscht.',
  },
  'xattr-damaged': { what: 'Ein Attribut von Inode {{inode}} ist beschädigt.', todo: CHECK },
};
