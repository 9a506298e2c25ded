import type { ErrorWords } from '../../words.ts';

/** Fehler mit Archiven: Ordner, Schlüssel, Datenstromdateien darin. */
export const archive: ErrorWords = {
  'age-header': {
    what: 'Der Anfang einer verschlüsselten Datei ist beschädigt.',
    todo: 'Ohne ihn lässt sie sich nicht öffnen; nehmen Sie sie aus einer anderen Kopie.',
  },
  'age-length': {
    what: 'Die verschlüsselte Datei „{{path}}“ hat eine Länge, die nicht sein kann.',
    todo: 'Nehmen Sie sie aus einer anderen Kopie; was in anderen Dateien steht, bleibt lesbar.',
  },
  'bit-rot': {
    what: 'Die Datei „{{path}}“ des Archivs ist beschädigt.',
    todo: 'Nehmen Sie sie aus einer anderen Kopie; was in anderen Dateien steht, bleibt lesbar.',
  },
  'content-hash': {
    what: '„{{path}}“ wäre nicht, was gesichert wurde: Die Prüfsumme stimmt nicht.',
    todo: 'Eine Datenstromdatei steht an der Stelle einer anderen oder wurde verändert; welche, sagt eine vollständige Prüfung des Archivs.',
  },
  'archive-damaged': {
    what: [
      'Beschädigte Dateien, die ausgelassen wurden: {{damageCount, number}}. Alle anderen wurden wiederhergestellt.',
      'Nicht vollständige Wiederherstellungspunkte: {{damagedPoints, number}} von {{points, number}}.',
    ],
    todo: 'Die Anmerkungen sagen, welche Dateien beschädigt sind; holen Sie sie aus einer anderen Kopie.',
  },
  'archive-encrypted': {
    what: ['„{{folder}}“ ist verschlüsselt.', 'Das Archiv ist verschlüsselt.'],
    todo: 'Öffnen Sie es mit seinem Schlüssel oder seiner Passphrase.',
  },
  'archive-gone': {
    what: 'Das Laufwerk, auf dem das Archiv liegt, ist nicht mehr da.',
    todo: 'Verbinden Sie es wieder, und beginnen Sie von vorn.',
  },
  'archive-in-use': {
    what: 'Ein anderes Dendro schreibt gerade in dieses Archiv.',
    todo: 'Warten Sie, bis es fertig ist. Läuft keines, löschen Sie {{lock}} im Archiv.',
  },
  'archive-lock': {
    what: 'Das Archiv ließ sich nicht sperren ({{why}}).',
    todo: 'Prüfen Sie das Laufwerk.',
  },
  'archive-read-only': {
    what: 'Das Archiv ist nicht beschreibbar: Sein Laufwerk ist schreibgeschützt oder gehört jemand anderem.',
    todo: 'Ansehen und Wiederherstellen geht trotzdem; um es zu ändern, hängen Sie das Laufwerk beschreibbar ein.',
  },
  'archive-version': {
    what: 'Das Archiv hat die Version {{version}}; dieses Dendro kennt {{known}}.',
    todo: 'Aktualisieren Sie Dendro. Die Datenstromdateien lassen sich auch mit den Befehlen in README.txt wiederherstellen.',
  },
  'bad-recipient': {
    what: 'Das ist kein Empfänger für age ({{reason}}).',
    todo: 'Ein Empfänger ist eine Zeile, die mit age1 beginnt, wie age-keygen sie ausgibt.',
  },
  'recipient-missing': {
    what: 'Eine Identität öffnet ein Archiv; ein neues braucht einen Empfänger.',
    todo: 'Geben Sie den Empfänger an, der in der Identitätsdatei als öffentlicher Schlüssel steht (age1...).',
  },
  'chain-broken': {
    what: '„{{name}}“ lässt sich nicht wiederherstellen: Etwas, worauf es aufbaut, fehlt.',
    todo: 'Bringen Sie die fehlende Datenstromdatei zurück, oder stellen Sie einen Wiederherstellungspunkt her, dessen Kette vollständig ist.',
  },
  'clock-wrong': {
    what: '„{{name}}“ stammt vom {{date}}, der noch nicht da war.',
    todo: 'Stellen Sie die Uhr dieses Rechners, oder nennen Sie die Wiederherstellungspunkte, die weg sollen.',
  },
  'clone-source-missing': {
    what: 'Ein Datenstrom übernimmt Daten von „{{path}}“ aus einem Schnappschuss, der nicht im Archiv ist.',
    todo: 'Importieren Sie auch jenen Schnappschuss, oder senden Sie noch einmal ohne Klonquellen.',
  },
  'drill-failed': {
    what: 'Dateien, die nicht so zurückkamen, wie sie gesichert wurden: {{count, number}}.',
    todo: 'Prüfen Sie das Archiv vollständig, um zu sehen, welche seiner Dateien beschädigt sind.',
  },
  'encryption-differs': {
    what: 'Das Archiv wurde mit einer anderen Verschlüsselung begonnen.',
    todo: 'Nehmen Sie dieselben Schlüssel, oder beginnen Sie ein Archiv in einem anderen Ordner.',
  },
  'folder-not-empty': {
    what: '„{{folder}}“ enthält anderes und kein Archiv.',
    todo: 'Wählen Sie einen leeren Ordner oder einen, den es noch nicht gibt.',
  },
  'index-damaged': {
    what: 'Das Verzeichnis einer Datenstromdatei ist beschädigt.',
    todo: 'Der Datenstrom selbst kann unversehrt sein: Lassen Sie das Verzeichnis neu erstellen.',
  },
  'index-mismatch': {
    what: 'Die Datenströme der Kette passen nicht zueinander.',
    todo: 'Prüfen Sie das Archiv, um zu sehen, was daran falsch ist.',
  },
  'index-missing': {
    what: 'Zu „{{name}}“ gibt es kein Verzeichnis.',
    todo: 'Lassen Sie das Verzeichnis neu erstellen.',
  },
  'input-damaged': {
    what: '„{{file}}“ lässt sich nicht bis zum Ende entpacken ({{tool}}).',
    todo: 'Die Datei ist beschädigt oder abgeschnitten; nehmen Sie eine andere Kopie.',
  },
  'input-encrypted': {
    what: '„{{file}}“ ist verschlüsselt.',
    todo: 'Entschlüsseln Sie sie zuerst, zum Beispiel mit {{tool}}; das Archiv selbst kann wieder verschlüsselt werden.',
  },
  'input-incomplete': {
    what: 'btrbk hat „{{name}}“ nicht fertig gesichert.',
    todo: 'Lassen Sie btrbk es noch einmal sichern.',
  },
  'input-locked': {
    what: '„{{file}}“ ist verschlüsselt.',
    todo: 'Geben Sie die Passphrase an oder die Identitätsdatei eines Empfängers.',
  },
  'is-an-archive': {
    what: '„{{path}}“ ist ein Archiv aus Datenstromdateien.',
    todo: 'Öffnen Sie es als Archiv.',
  },
  'manifest-damaged': {
    what: '{{name}} im Archiv ist beschädigt.',
    todo: 'Lassen Sie die Datei aus den Datenstromdateien neu erstellen.',
  },
  'no-archive': {
    what: '„{{folder}}“ ist kein Archiv von Dendro.',
    todo: 'Wählen Sie den Ordner eines Archivs; darin liegt manifest.json.',
  },
  'no-streams': {
    what: 'An diesem Ort gibt es keine einzelnen Datenstromdateien.',
    todo: 'Archive, Dateisysteme und Ordner lassen sich so ansehen, wie sie sind.',
  },
  'part-missing': {
    what: 'Die Datei „{{path}}“ fehlt.',
    todo: 'Holen Sie sie aus einer anderen Kopie zurück; was nicht in ihr steht, bleibt lesbar.',
  },
  'part-too-short': {
    what: 'Die Datei „{{path}}“ ist kürzer, als sie war.',
    todo: 'Holen Sie sie aus einer anderen Kopie; was nicht in ihr steht, bleibt lesbar.',
  },
  'part-unreadable': {
    what: '„{{path}}“ ließ sich nicht lesen ({{code}}).',
    todo: 'Prüfen Sie das Laufwerk und sein Kabel; was nicht dort steht, bleibt lesbar.',
  },
  'record-damaged': {
    what: 'Die Aufzeichnung zu dem Schnappschuss ist beschädigt.',
    todo: 'Vergleichen Sie ihn mit der Quelle selbst, oder empfangen Sie ihn noch einmal.',
  },
  'record-due': {
    what: 'Wer diesen Schnappschuss gesendet hat, wurde angehalten, bevor dessen Aufzeichnung erstellt war.',
    todo: 'Solange es die Quelle gibt, senden Sie ihn noch einmal: Dabei wird die Aufzeichnung erstellt.',
  },
  'record-missing': {
    what: 'Zu diesem Schnappschuss wurde keine Aufzeichnung aufbewahrt.',
    todo: 'Vergleichen Sie ihn mit seiner Quelle.',
  },
  'scratch-unusable': {
    what: 'Die Übung kann nicht nach „{{path}}“ wiederherstellen: {{code}}.',
    todo: 'Nennen Sie einen anderen Ordner (--scratch oder TMPDIR).',
  },
  'seek-table': {
    what: 'Die Tabelle der Abschnitte am Ende einer Datenstromdatei ist beschädigt.',
    todo: 'Die Abschnitte selbst können unversehrt sein: Lassen Sie das Verzeichnis neu erstellen.',
  },
  'sidecar-damaged': {
    what: 'Die Begleitdatei des Ordners ist beschädigt.',
    todo: 'Die Dateien im Ordner selbst lassen sich trotzdem herauskopieren.',
  },
  'sidecar-mismatch': {
    what: 'Der Datenstrom ist nicht der, den seine .info-Datei beschreibt.',
    todo: 'Die beiden wurden vertauscht; wissen Sie es besser, importieren Sie die Datei ohne die .info-Datei.',
  },
  'no-sidecar': {
    what: '„{{folder}}“ ist kein Schnappschuss in einem gewöhnlichen Ordner.',
    todo: 'Neben einem solchen liegt eine Datei, die heißt wie er und auf {{suffix}} endet.',
  },
  'wrong-key': {
    what: 'Keiner der Schlüssel öffnet diese verschlüsselte Datei.',
    todo: 'Geben Sie die Identitätsdatei eines Empfängers an oder die Passphrase des Archivs.',
  },
  'wrong-passphrase': {
    what: 'Das ist nicht die Passphrase.',
    todo: 'Nichts wurde geändert; versuchen Sie es noch einmal. Ohne sie lässt sich nichts lesen.',
  },
};
