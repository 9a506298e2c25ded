import type { NoteWords } from '../../words.ts';

/** Was beim Ansehen, Prüfen, Vergleichen und Übernehmen auffällt. */
export const findings: NoteWords = {
  'base-not-here': 'Sein Datenstrom, oder einer, auf dem er aufbaut, ist nicht im Archiv.',
  'base-not-in-archive':
    'Der Wiederherstellungspunkt, auf dem dieser aufbaut, ist nicht im Archiv.',
  'stream-base-missing': 'Der Datenstrom, auf dem er aufbaut, ist nicht hier.',
  'received-in-part': 'Er wurde nur zum Teil empfangen.',
  'left-out-of': 'Sie ist nicht vollständig und fehlt in {{name}}.',
  'file-not-there': 'Die Datei ist nicht da.',
  'link-not-followed': 'Es ist ein Link oder eine Spezialdatei; solchen wird nicht gefolgt.',
  'file-size': 'Die Datei hat {{found, number}} statt {{bytes, number}} Bytes.',
  'frame-table':
    'Die Tabelle der Abschnitte an ihrem Ende ist beschädigt; die Abschnitte können unversehrt sein.',
  'stream-not-recorded': 'Der Datenstrom ist nicht der, der aufgezeichnet wurde.',
  'index-not-fitting': 'Das Verzeichnis passt nicht zu seinem Datenstrom.',
  'not-as-recorded':
    'Der Datenstrom sagt etwas anderes, als von ihm aufgezeichnet ist: {{fields}}.',
  'names-counted': 'Er enthält {{found, number}} statt {{recorded, number}} Namen.',
  'record-differs':
    'manifest.json und die Aufzeichnung neben dem Datenstrom sagen von diesem Wiederherstellungspunkt Verschiedenes: {{fields}}.',
  'source-differs': 'manifest.json sagt von dieser Quelle etwas anderes: {{fields}}.',
  'checksums-differ': 'Darin stehen andere Prüfsummen als in manifest.json.',
  'checksums-stale':
    '{{file}} fehlt oder nennt andere Dateien als manifest.json; der nächste Export schreibt es neu.',
  'source-file-lost': '{{file}} fehlt oder ist beschädigt.',
  'record-lost':
    'Neben dem Datenstrom von „{{name}}“ fehlt die Aufzeichnung: Ginge manifest.json verloren, so auch Name und Zeiten. „Verzeichnis neu erstellen“ schreibt sie.',
  'not-in-manifest':
    '„{{name}}“ steht nicht in manifest.json; es gilt, was neben dem Datenstrom aufgezeichnet ist.',
  'key-copy-lost': '{{file}} fehlt: Kopieren Sie eine andere {{name}} dorthin.',
  'key-copies-differ':
    'Die Kopien von {{name}} unterscheiden sich: Prüfen Sie mit der Passphrase, um zu erfahren, welche beschädigt ist.',
  'key-copy-damaged':
    'Die Passphrase öffnet sie nicht, aber eine andere Kopie: Kopieren Sie jene hierher.',
  'index-not-recorded':
    '{{file}} passt zu seinem Datenstrom, wurde aber neu geschrieben, seit seine Prüfsumme aufgezeichnet wurde. „Verzeichnis neu erstellen“ zeichnet sie auf.',
  'index-of-another':
    'Das Verzeichnis von „{{name}}“ gehört zu einem anderen Datenstrom; darum wird der ganze Datenstrom gelesen. Lassen Sie das Verzeichnis neu erstellen.',
  'index-not-read':
    'Das Verzeichnis von „{{name}}“ fehlt oder ist beschädigt; darum wird der ganze Datenstrom gelesen. Lassen Sie das Verzeichnis neu erstellen.',
  'file-hash': 'Die Datei ist nicht, was geschrieben wurde: Ihre Prüfsumme stimmt nicht.',
  'file-not-listed':
    'Die Datei gehört zu keinem Wiederherstellungspunkt; „Verzeichnis neu erstellen“ nimmt einen Datenstrom auf.',
  'files-not-hashed':
    'In „{{name}}“ haben Dateien keine eigene Prüfsumme ({{files, number}}): Nur die des ganzen Datenstroms wurde verglichen.',
  'content-not-recorded': 'Der Inhalt ist nicht der, der aufgezeichnet wurde.',
  'points-elsewhere': 'Der Link zeigt woandershin.',
  'not-what-was-backed-up': 'Sie ist nicht, was gesichert wurde.',
  'manifest-not-read':
    '{{file}} ist beschädigt; stattdessen gilt, was neben den Datenstromdateien aufgezeichnet ist.',
  'manifest-missing':
    '{{file}} fehlt; stattdessen gilt, was neben den Datenstromdateien aufgezeichnet ist.',
  'receipt-not-on-drive':
    'Auf das Laufwerk des Archivs lässt sich nicht schreiben: Der Beleg steht nur im Verlauf.',
  'time-of-file':
    '„{{name}}“: Weder ein Name noch der Datenstrom sagt, wann er aufgenommen wurde. Es gilt die Zeit von „{{file}}“, die die einer Kopie sein kann.',
  'folder-renamed': 'Der Ordner „{{was}}“ heißt jetzt „{{now}}“.',
  'folder-as-it-is': 'Neben dem Ordner liegt keine Begleitdatei: Er gilt, wie er ist.',
  'clock-behind':
    'Die Uhr dieses Rechners geht nach: Am {{date}} wurde schon in das Archiv geschrieben.',
  'parent-without-flags':
    'Sie baut auf „{{name}}“ mit Version 1 des Datenstroms auf, die keine Attribute von Dateien (chattr), keinen vorgehaltenen Platz und keine Zeiten der Entstehung kennt: Was sich seither nicht geändert hat, hat sie nicht. Eine vollständige Sicherung hat sie alle (dendro archive export --full).',
  'parent-not-whole':
    '„{{name}}“ ist im Archiv nicht vollständig, und nichts baut mehr darauf auf: dendro archive verify sagt, was fehlt.',
  'record-newer':
    'Der Eintrag neben „{{name}}“ ist neuer als das Verzeichnis und gilt: Wer ihn schrieb, wurde unterbrochen. Die nächste Änderung am Archiv trägt das nach.',
  superblock: 'Superblock',
  metadata: 'Metadaten',
  data: 'Daten',
  'bad-checksum': 'Prüfsumme',
  'bad-parity': 'Parität',
  'bad-generation': 'Generation',
  'bad-otherwise': '{{reason}}',
  'way-superblock': 'der Superblock',
  'way-superblock-copy': 'Kopie {{copy}} des Superblocks',
  'way-backup-root': 'die Ersatzwurzel der Generation {{generation, number}}',
  'way-search': 'Baumblöcke, die auf den Geräten gefunden wurden',
  'heal-written-meanwhile': 'Inzwischen wurde in die Datei geschrieben.',
  'heal-not-held': '{{bytes, number}} Bytes sind an keinem Ort, der hier ist.',
  'heal-busy': '{{reason}} Geöffnet ist sie in: {{programs}}.',
  'heal-good': '{{path}} war schon in Ordnung.',
  'heal-done': '{{path}}: {{bytes}} aus {{names}} zurückgeschrieben',
  'heal-partly':
    '{{path}} ist nicht ganz repariert: {{bytes}} aus {{names}} zurückgeschrieben. {{reason}}',
  'heal-failed': '{{path}} ist nicht repariert. {{reason}}',
  'parent-writable':
    '{{path}} ist nicht mehr schreibgeschützt und kann sich geändert haben; der Unterschied dazu wird nicht gesendet.',
  'parent-partial':
    '{{path}} wurde nur zum Teil empfangen; der Unterschied dazu wird nicht gesendet.',
  'parent-changed':
    '{{path}} wurde nach dem Senden geändert; der Unterschied dazu wird nicht gesendet.',
  'old-until-restart':
    '{{at}} zeigt den alten Stand, bis es neu eingehängt wird: Starten Sie den Rechner neu.',
  'snapshots-stay':
    'Schreibgeschützte Schnappschüsse lassen sich nicht verschieben; diese bleiben in „{{at}}“: {{names}}.',
  'nested-until-restart':
    'Bis dahin sind dort diese verschachtelten Subvolumes nicht zu sehen: {{names}}.',
  'not-of-the-point': 'Nicht Teil des Wiederherstellungspunkts, und darum unverändert: {{names}}.',
  'boot-not-looked': '/boot ließ sich nicht ansehen: Die Kernel wurden nicht geprüft.',
  'boots-with': 'Startet mit {{kernels}}.',
  'do-not-boot':
    'Starten Sie nicht {{kernels}}: Der Wiederherstellungspunkt hat keine Module dafür.',
  'config-too-long': 'Die Datei ist zu lang.',
  'config-no-option': '„{{text}}“ ist weder ein Abschnitt noch eine Option.',
  'config-no-path': 'Zu {{text}} fehlt ein Pfad.',
  'config-no-min': '„{{text}}“ ist kein Wert für preserve_min.',
  'config-no-count': '„{{text}}“ ist keine Anzahl zum Behalten.',
  'channel-too-long': 'Er ist zu lang.',
  'channel-form': 'Er hat eine andere Form.',
  'channel-body': 'Was signiert wurde, hat eine andere Form.',
  'import-no-subvolume':
    '„{{name}}“: {{path}} ist kein eingehängtes Subvolume und wurde ausgelassen.',
  'import-far-files':
    '„{{name}}“: {{path}} enthält Datenstromdateien eines anderen Rechners und wurde ausgelassen.',
  'import-no-address':
    '„{{name}}“: {{path}} ist keine Adresse, die Pläne kennen, und wurde ausgelassen.',
  'import-no-drive':
    '„{{name}}“: {{path}} liegt auf keinem Laufwerk, das jetzt eingehängt ist, und wurde ausgelassen.',
  'import-into-dendro':
    '„{{name}}“: Datenstromdateien kommen in den Ordner „dendro“ unter {{path}}.',
  'import-times-guessed':
    'btrbk wird von einem Zeitgeber des Systems gestartet: Die Zeiten der Pläne sind geraten.',
  'import-left-out': 'Zeile {{line, number}}: {{option}} wird nicht übernommen.',
  'import-not-btrfs': '„{{name}}“ liegt auf {{fstype}} und nicht auf btrfs.',
  'import-not-timed':
    '„{{name}}“ legt keine Schnappschüsse nach der Zeit an: Der Plan hat keine Zeiten.',
  'import-number-stays':
    '„{{name}}“: Schnappschüsse vor und nach Änderungen an Paketen bleiben bei Snapper.',
};
