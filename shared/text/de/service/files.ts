import type { ErrorWords } from '../../words.ts';

const WRITABLE = 'Hängen Sie es beschreibbar ein, oder wählen Sie einen anderen Ort.';

/** Fehler mit Dateien, Ordnern, Subvolumes und beim Wiederherstellen. */
export const files: ErrorWords = {
  'bad-destination': {
    what: '„{{to}}“ ist kein Name für eine wiederhergestellte Datei.',
    todo: 'Nennen Sie einen Pfad unterhalb des Ordners, ohne Punkte als Namen.',
  },
  'bad-subvolume-name': {
    what: 'Der Name eines Subvolumes hat 1 bis 255 Bytes ohne Schrägstrich und NUL und besteht nicht nur aus einem oder zwei Punkten.',
    todo: 'Wählen Sie einen anderen Namen.',
  },
  'boot-by-number': {
    what: '{{file}} nennt das Subvolume des Systems mit seiner Nummer (subvolid={{id}}).',
    todo: 'Schreiben Sie dort stattdessen rootflags=subvol={{path}}, und versuchen Sie es noch einmal.',
  },
  'boots-another': {
    what: '{{file}} startet das Subvolume {{booted}} und nicht {{path}}.',
    todo: 'Setzen Sie das Subvolume zurück, das gestartet wird.',
  },
  'changed-since': {
    what: '„{{path}}“ wurde seit der Wiederherstellung geändert.',
    todo: 'Entfernen Sie es von Hand, wenn Sie es nicht brauchen; Dendro lässt es stehen.',
  },
  'different-volumes': {
    what: [
      '{{text}} liegt in einem anderen Dateisystem.',
      'Die beiden liegen in verschiedenen Dateisystemen.',
    ],
    todo: 'Wählen Sie zwei aus demselben Dateisystem.',
  },
  exists: {
    what: [
      'Etwas mit dem Namen „{{name}}“ ist dort schon da.',
      'Etwas mit diesem Namen ist schon da.',
    ],
    todo: 'Wählen Sie einen anderen Namen oder Ordner, oder bringen Sie es zuerst beiseite.',
  },
  'file-busy': {
    what: '„{{path}}“ ist ein Programm, das gerade läuft.',
    todo: 'Beenden Sie es, und reparieren Sie die Datei noch einmal, oder stellen Sie sie an ihrem Platz wieder her.',
  },
  'file-replaced': {
    what: '„{{path}}“ ist inzwischen eine andere Datei.',
    todo: 'Suchen Sie noch einmal nach Schäden.',
  },
  'file-too-large': {
    what: 'Das Dateisystem am Ziel kann keine Datei dieser Größe aufnehmen.',
    todo: 'Wählen Sie ein Ziel mit einem anderen Dateisystem.',
  },
  'folder-locked': {
    what: [
      '„{{path}}“ ist verschlüsselt und gesperrt.',
      'Der Ordner ist verschlüsselt und gesperrt.',
    ],
    todo: 'Entsperren Sie zuerst den Ordner.',
  },
  'is-a-directory': {
    what: ['„{{path}}“ ist ein Ordner.', 'Das ist ein Ordner.'],
    todo: 'Wählen Sie eine Datei.',
  },
  'kept-gone': {
    what: '„{{path}}“, das vorher dort stand, ist nicht mehr da.',
    todo: 'Entfernen Sie von Hand, was wiederhergestellt wurde, wenn Sie es nicht brauchen; Dendro lässt es stehen.',
  },
  'kernel-without-modules': {
    what: 'Zu den Kernels in /boot ({{boot}}) fehlen in dem Wiederherstellungspunkt die Module (er hat: {{modules}}).',
    todo: 'Legen Sie zuerst einen Kernel des Wiederherstellungspunkts nach /boot zurück, oder wählen Sie einen neueren.',
  },
  'mounted-file': {
    what: '„{{path}}“ ist eine Datei, die für sich eingehängt ist.',
    todo: 'Nennen Sie sie über den Ordner, in dem sie liegt.',
  },
  'name-not-taken': {
    what: [
      'Das Dateisystem kann keinen Namen wie „{{path}}“ haben.',
      'Das Dateisystem kann einen solchen Namen nicht haben.',
    ],
    todo: 'Geben Sie ihm einen anderen Namen.',
  },
  'no-target-folder': {
    what: 'Den Ordner „{{folder}}“ gibt es nicht und auch keinen darüber.',
    todo: 'Ist sein Laufwerk eingehängt? Sonst legen Sie zuerst „{{above}}“ an.',
  },
  'not-a-directory': {
    what: ['„{{path}}“ ist kein Ordner.', 'Das ist kein Ordner.'],
    todo: 'Wählen Sie einen Ordner.',
  },
  'not-a-file': {
    what: '„{{path}}“ ist keine gewöhnliche Datei.',
    todo: 'Wählen Sie eine Datei. Links und Spezialdateien wird nicht gefolgt.',
  },
  'not-a-folder': {
    what: '„{{name}}“ im Archiv ist kein Ordner.',
    todo: 'Links wird nicht gefolgt: Entfernen Sie es, oder legen Sie den Ordner selbst dorthin.',
  },
  'not-a-snapshot': {
    what: '„{{path}}“ ist beschreibbar; Dendro löscht nur schreibgeschützte Schnappschüsse.',
    todo: 'Wird es wirklich nicht gebraucht, löschen Sie es mit btrfs subvolume delete.',
  },
  'not-a-subvolume': {
    what: '„{{path}}“ ist kein Subvolume.',
    todo: 'Wählen Sie das Subvolume selbst.',
  },
  'not-absolute': {
    what: ['„{{path}}“ ist kein vollständiger Pfad.', 'Der Ordner ist kein vollständiger Pfad.'],
    todo: 'Nennen Sie ihn vom ersten Schrägstrich an, zum Beispiel /media/ich/Laufwerk/Sicherungen.',
  },
  'not-accepted': {
    what: [
      'Das Dateisystem nimmt nicht an, was für „{{path}}“ verlangt wird ({{errno}}).',
      'Das Dateisystem nimmt nicht an, was verlangt wird ({{errno}}).',
    ],
    todo: 'Wenn ein Datenstrom es verlangt, ist er beschädigt oder für ein anderes Dateisystem erstellt.',
  },
  'not-all-healed': {
    what: 'Dateien, die sich nicht reparieren ließen: {{count, number}} von {{total, number}}. Alle anderen sind wieder gut.',
    todo: 'Die Anmerkungen sagen, warum.',
  },
  'not-empty': {
    what: ['„{{path}}“ ist nicht leer.', 'Der Ordner ist nicht leer.'],
    todo: 'Wählen Sie einen leeren Ordner.',
  },
  'not-found': {
    what: ['„{{path}}“ ist nicht da.', 'Das ist nicht da.'],
    todo: 'Sehen Sie nach, ob es verschoben oder umbenannt wurde oder sein Laufwerk fehlt.',
  },
  'not-supported-here': {
    what: [
      'Das Dateisystem von „{{path}}“ beherrscht das nicht.',
      'Das Dateisystem beherrscht das nicht.',
    ],
    todo: 'Wählen Sie einen Ort auf einem anderen Dateisystem.',
  },
  'nothing-to-heal': {
    what: 'Kein Ort, der gerade da ist, hat das Verlorene.',
    todo: 'Schließen Sie ein Laufwerk mit einer Sicherung an, und versuchen Sie es noch einmal.',
  },
  'nothing-to-undo': {
    what: 'Von diesem Vorgang gibt es nichts mehr, was rückgängig zu machen wäre.',
    todo: 'Nur eine Wiederherstellung, die gut endete, lässt sich rückgängig machen, und nur einmal.',
  },
  'onto-itself': {
    what: [
      '„{{path}}“ ginge auf sich selbst.',
      'Das Ziel liegt in dem, woraus wiederhergestellt wird.',
    ],
    todo: 'Wählen Sie einen anderen Ordner.',
  },
  'other-filesystem': {
    what: '„{{path}}“ hat das Dateisystem {{name}} und nicht btrfs.',
    todo: 'Hängen Sie es schreibgeschützt ein, und nennen Sie den Ordner, unter dem es erscheint.',
  },
  'other-subvolume': {
    what: '„{{path}}“ ist die Spitze eines anderen Subvolumes.',
    todo: 'Hängen Sie das Subvolume ein, das repariert werden soll.',
  },
  outside: {
    what: ['„{{path}}“ führt aus dem Ordner hinaus.', 'Der Pfad führt aus dem Ordner hinaus.'],
    todo: 'Wählen Sie einen Pfad innerhalb des Ordners.',
  },
  'path-has-dots': {
    what: 'Pfaden mit .. wird nicht gefolgt.',
    todo: 'Nennen Sie den Pfad ohne ..',
  },
  'path-not-found': {
    what: [
      '„{{path}}“ gibt es in {{name}} nicht.',
      '„{{path}}“ gibt es hier nicht.',
      'Ein Subvolume mit der Nummer {{subvolume}} gibt es in dem Datenstrom nicht.',
    ],
    todo: 'Sehen Sie in einem anderen Zeitpunkt nach.',
  },
  'subvolume-not-in-snapshot': {
    what: '„{{path}}“ war ein eigenes Subvolume: Dieser Snapshot enthält es nicht.',
    todo: 'Suchen Sie es in seinen eigenen Snapshots und Wiederherstellungspunkten.',
  },
  'permission-denied': {
    what: ['„{{path}}“: Der Zugriff ist nicht erlaubt.', 'Das ist nicht erlaubt.'],
    todo: 'Starten Sie Dendro als Administrator, oder bitten Sie um die Erlaubnis.',
  },
  'refused-to-root': {
    what: ['„{{path}}“: Der Zugriff ist nicht erlaubt.', 'Das ist nicht erlaubt.'],
    todo: 'Auch der Administrator darf das nicht: Die Datei kann unveränderlich sein (lsattr), oder ihr Dateisystem oder Container erlaubt es nicht.',
  },
  'point-ambiguous': {
    what: 'Mehrere Wiederherstellungspunkte heißen „{{text}}“.',
    todo: 'Nennen Sie auch die Quelle, oder geben Sie die UUID an.',
  },
  'point-elsewhere': {
    what: '{{volumeId}} ist auf einem anderen Rechner.',
    todo: 'Stellen Sie es dort wieder her, oder senden Sie es von dort zurück.',
  },
  'point-not-found': {
    what: 'Den Wiederherstellungspunkt „{{text}}“ gibt es nicht.',
    todo: 'Wählen Sie einen anderen.',
  },
  'point-not-whole': {
    what: '„{{name}}“ lässt sich nicht wiederherstellen: Etwas, worauf es aufbaut, fehlt.',
    todo: 'Wählen Sie einen anderen Wiederherstellungspunkt, oder suchen Sie, worauf er aufbaut.',
  },
  'point-unknown': {
    what: [
      'Den Wiederherstellungspunkt {{pointId}} gibt es nicht.',
      'Diese Kopie des Wiederherstellungspunkts ist nicht mehr da.',
    ],
    todo: 'Laden Sie die Liste neu, und wählen Sie einen anderen.',
  },
  'read-only': {
    what: [
      '„{{name}}“ ist unter {{path}} schreibgeschützt eingehängt. Das tut Linux von selbst, wenn ein Laufwerk Fehler hat.',
      '„{{path}}“ ist schreibgeschützt: Das Dateisystem ist so eingehängt, oder der Ordner liegt in einem schreibgeschützten Schnappschuss.',
      'Das Dateisystem ist schreibgeschützt.',
    ],
    todo: WRITABLE,
  },
  'read-only-source': {
    what: 'Ein schreibgeschützter Schnappschuss wird nie geändert, auch nicht, um ihn zu reparieren.',
    todo: 'Reparieren Sie das Subvolume, von dem er stammt.',
  },
  'report-unknown': {
    what: 'Zu diesem Vorgang gibt es keinen Bericht.',
    todo: 'Er läuft vielleicht noch, oder der Dienst wurde inzwischen neu gestartet: Starten Sie ihn noch einmal.',
  },
  'restore-running': {
    what: 'Dieselbe Wiederherstellung nach „{{folder}}“ läuft schon.',
    todo: 'Warten Sie, bis sie fertig ist, oder brechen Sie sie ab.',
  },
  'rollback-not-confirmed': {
    what: 'Das Zurücksetzen ließ sich nicht bestätigen.',
    todo: 'Starten Sie noch nicht neu; setzen Sie noch einmal genauso zurück, es geht dort weiter.',
  },
  'rollback-onto-itself': {
    what: '„{{path}}“ kann nicht an seine eigene Stelle treten.',
    todo: 'Wählen Sie einen Schnappschuss davon.',
  },
  'rollback-target-unclear': {
    what: '„{{path}}“ stammt von „{{target}}“, das nicht eingehängt ist; eingehängt ist „{{heir}}“, das daraus entstanden ist.',
    todo: 'Nennen Sie das Subvolume, an dessen Stelle es treten soll.',
  },
  'rollback-target-unknown': {
    what: 'Wovon „{{path}}“ stammt, ist nicht in diesem Dateisystem.',
    todo: 'Nennen Sie das Subvolume, an dessen Stelle es treten soll.',
  },
  'rollback-top-level': {
    what: 'Die oberste Ebene eines Dateisystems lässt sich nicht ersetzen.',
    todo: 'Stellen Sie einzelne Dateien oder Ordner wieder her.',
  },
  'snapshot-replaced': {
    what: 'Unter „{{path}}“ steht jetzt ein anderer Schnappschuss.',
    todo: 'Laden Sie die Liste neu, und wählen Sie noch einmal.',
  },
  'snapshot-missing': {
    what: 'Der Ordner enthält keinen empfangenen Schnappschuss mit dieser UUID.',
    todo: 'Laden Sie die Liste neu.',
  },
  'source-away': {
    what: 'Der Ort, von dem es kam, ist nicht da oder nicht eingehängt.',
    todo: 'Schließen Sie sein Laufwerk an, oder stellen Sie es in einen Ordner Ihrer Wahl wieder her.',
  },
  'source-gone': {
    what: 'Das Laufwerk, von dem wiederhergestellt wird, ist nicht mehr da.',
    todo: 'Schließen Sie es wieder an, und starten Sie dieselbe Wiederherstellung noch einmal.',
  },
  'source-unreadable': {
    what: ['„{{path}}“ ließ sich nicht lesen.', 'Die Quelle ließ sich nicht lesen.'],
    todo: 'Prüfen Sie das Laufwerk, oder holen Sie die Datei aus einem anderen Wiederherstellungspunkt.',
  },
  'subvolume-unknown': {
    what: [
      'In „{{name}}“ gibt es kein Subvolume {{subvolumeId}}.',
      'Der Schnappschuss wurde gelöscht, sobald er angelegt war.',
    ],
    todo: 'Laden Sie die Liste neu; vielleicht löscht ein anderes Programm Schnappschüsse.',
  },
  'swap-in-use': {
    what: 'Von einem Subvolume mit einer benutzten Auslagerungsdatei lässt sich kein Schnappschuss „{{name}}“ anlegen.',
    todo: 'Verlegen Sie die Auslagerungsdatei in ein eigenes Subvolume: swapoff, btrfs subvolume create, btrfs filesystem mkswapfile.',
  },
  'symlink-refused': {
    what: ['„{{path}}“ ist ein symbolischer Link.', 'Ein symbolischer Link ist im Weg.'],
    todo: 'Wählen Sie den Ordner oder die Datei selbst.',
  },
  'target-full': {
    what: [
      'Die Wiederherstellung braucht {{neededBytes, number}} Bytes, in „{{folder}}“ sind {{freeBytes, number}} frei. Nichts wurde geschrieben.',
      'Das Laufwerk ist voll.',
    ],
    todo: 'Schaffen Sie darauf Platz, und starten Sie es noch einmal.',
  },
  'target-missing': {
    what: 'Den Ordner „{{path}}“ gibt es nicht.',
    todo: 'Legen Sie ihn an, oder hängen Sie das Laufwerk ein, auf dem er liegt.',
  },
  'target-not-btrfs': {
    what: '{{path}} liegt nicht auf einem btrfs-Dateisystem.',
    todo: 'Wählen Sie einen Ordner auf btrfs, oder sichern Sie als Datenstromdateien.',
  },
  'too-many-links': {
    what: [
      'Für „{{path}}“ ist auf diesem Dateisystem kein weiterer Name möglich.',
      'Eine Datei kann auf diesem Dateisystem keinen weiteren Namen haben.',
    ],
    todo: 'Geben Sie der Datei in der Quelle weniger Namen.',
  },
  'volume-unknown': {
    what: 'Das Dateisystem {{volumeId}} ist nicht da.',
    todo: 'Schließen Sie sein Laufwerk an, oder fügen Sie das Abbild wieder hinzu.',
  },
  'which-point': {
    what: '„{{text}}“ ist ein Archiv mit mehreren Wiederherstellungspunkten.',
    todo: 'Nennen Sie einen davon.',
  },
  'whole-in-place': {
    what: 'Ein ganzer Schnappschuss wird nicht über das hinweg wiederhergestellt, was jetzt da ist.',
    todo: 'Stellen Sie ihn in einen Ordner wieder her, oder wählen Sie Dateien und Ordner darin.',
  },
};
