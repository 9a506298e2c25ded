import type { ErrorWords } from '../../words.ts';

const BUS = 'Sehen Sie nach, ob der Dienst läuft, der gefragt wurde; sein Protokoll sagt mehr.';
const SAME_VERSION = 'Nehmen Sie an beiden Enden dieselbe Version von Dendro.';

/** Fehler des Dienstes, des Verlaufs, des Rechners, des Netzes und der Aktualisierung. */
export const system: ErrorWords = {
  'bad-input': {
    what: 'Der Aufruf {{name}} kann die Eingabe nicht annehmen ({{reason}}).',
    todo: 'Die Seite und der Dienst haben vielleicht verschiedene Versionen: Laden Sie die Seite neu.',
  },
  bug: {
    what: 'In Dendro ist ein Fehler aufgetreten.',
    todo: 'Bitte melden Sie ihn mit dem Text darüber.',
  },
  'bus-denied': {
    what: 'Der Nachrichtenbus (D-Bus) erlaubt es nicht ({{reason}}).',
    todo: 'Starten Sie Dendro als Administrator, oder erlauben Sie es in polkit.',
  },
  'bus-failed': { what: 'Der Nachrichtenbus (D-Bus) meldet einen Fehler ({{reason}}).', todo: BUS },
  'bus-no-answer': {
    what: [
      '{{member}} hat zu lange gedauert.',
      'Über den Nachrichtenbus (D-Bus) kam keine Antwort.',
    ],
    todo: BUS,
  },
  'bus-object-gone': {
    what: 'Was über den Nachrichtenbus (D-Bus) gefragt wurde, ist nicht mehr da ({{reason}}).',
    todo: 'Schließen Sie das Laufwerk wieder an, und versuchen Sie es noch einmal.',
  },
  'bus-service-missing': {
    what: 'Ein Dienst des Nachrichtenbusses (D-Bus) fehlt ({{reason}}).',
    todo: 'Installieren und starten Sie ihn.',
  },
  cancelled: { what: 'Abgebrochen.', todo: 'Es ist nichts zu tun.' },
  'cannot-listen': {
    what: 'Der Dienst kann unter {{path}} keine Verbindungen annehmen ({{reason}}).',
    todo: 'Starten Sie ihn als root, oder nennen Sie einen anderen Ort.',
  },
  'catalogue-ended': {
    what: 'Der Namenskatalog wurde angehalten, bevor er fertig war.',
    todo: 'Starten Sie ihn noch einmal; Wiederherstellen braucht ihn nicht.',
  },
  'catalogue-damaged': {
    what: 'Der Namenskatalog war beschädigt und ist verworfen worden.',
    todo: 'Er wird aus Schnappschüssen und Laufwerken neu aufgebaut: dendro find --update',
  },
  'catalogue-io': {
    what: 'Der Namenskatalog ist nicht benutzbar ({{reason}}).',
    todo: 'Prüfen Sie, ob sein Ordner beschreibbar ist und Platz hat, oder erstellen Sie ihn in den Einstellungen neu.',
  },
  'channel-damaged': {
    what: 'Der Aktualisierungskanal ist nicht lesbar. {{why}}',
    todo: 'Nichts wurde geändert. Versuchen Sie es später noch einmal.',
  },
  'channel-expired': {
    what: 'Der Aktualisierungskanal ist zu alt, um ihm zu glauben.',
    todo: 'Vielleicht werden neuere Versionen zurückgehalten, oder die Uhr dieses Rechners geht falsch: Prüfen Sie sie.',
  },
  'channel-from-the-future': {
    what: 'Der Aktualisierungskanal wurde in der Zukunft signiert.',
    todo: 'Prüfen Sie die Uhr dieses Rechners.',
  },
  'channel-not-signed': {
    what: 'Der Aktualisierungskanal trägt keine hier bekannte Signatur.',
    todo: 'Nichts wurde geladen. Bleibt es dabei, besorgen Sie die neue Version von Hand.',
  },
  'channel-replayed': {
    what: [
      'Der Aktualisierungskanal ist älter als der zuletzt gesehene (Nummer {{found}} nach {{last}}).',
      'Zwei verschiedene Aktualisierungskanäle tragen die Nummer {{twin}}.',
      'Der Aktualisierungskanal ist nicht der zuletzt gesehene.',
    ],
    todo: 'Vielleicht hält jemand neuere Versionen zurück: Sehen Sie aus einem anderen Netz noch einmal nach.',
  },
  'channel-setting-damaged': {
    what: '{{path}} nennt keinen Aktualisierungskanal.',
    todo: 'Installieren Sie Dendro neu.',
  },
  'connection-garbled': {
    what: 'Der andere Rechner meldet „{{text}}“.',
    todo: 'Seine Shell gibt beim Anmelden vielleicht etwas aus: Das darf nur in ein Terminal gehen.',
  },
  'connection-lost': {
    what: 'Die Verbindung zum anderen Rechner ist abgebrochen.',
    todo: 'Prüfen Sie das Netz. Was angekommen ist, bleibt; die nächste Sicherung geht dort weiter.',
  },
  'current-folder-gone': {
    what: 'Den aktuellen Ordner gibt es nicht mehr.',
    todo: 'Wechseln Sie in einen anderen: cd /',
  },
  'engine-ended': {
    what: 'Die Arbeit wurde angehalten, bevor sie fertig war.',
    todo: 'Starten Sie sie noch einmal.',
  },
  'far-end-bare': {
    what: 'Der andere Rechner hat weder Dendro noch btrfs-progs.',
    todo: 'Installieren Sie dort eines davon.',
  },
  'far-end-failed': {
    what: 'btrfs receive ist am anderen Ende fehlgeschlagen ({{reason}}).',
    todo: 'Was dort begonnen war, wurde entfernt. Die Meldung des anderen Rechners sagt, warum.',
  },
  'filesystem-damaged': {
    what: [
      'Das Dateisystem ist bei „{{path}}“ beschädigt ({{errno}}).',
      'Das Dateisystem ist beschädigt ({{errno}}).',
    ],
    todo: 'Prüfen Sie es, während es nicht eingehängt ist (btrfs check, fsck); sehen Sie ins Kernel-Protokoll.',
  },
  'helper-ended': {
    what: 'Der Helfer von Dendro ist beendet.',
    todo: 'Entsperren Sie noch einmal: Was im Gange war, geht dort weiter.',
  },
  'history-damaged': {
    what: 'Die Datei des Verlaufs ist beschädigt.',
    todo: 'Legen Sie sie beiseite: Eine neue wird begonnen. Wiederherstellungspunkte bleiben.',
  },
  'history-denied': {
    what: 'Der Verlauf ist nicht beschreibbar.',
    todo: 'Prüfen Sie die Rechte seines Ordners.',
  },
  'history-full': {
    what: 'Die Platte mit dem Verlauf ist voll.',
    todo: 'Schaffen Sie dort Platz; Sicherungen, die inzwischen entstehen, sind trotzdem vollständig.',
  },
  'history-io': {
    what: 'Der Verlauf ist nicht benutzbar ({{reason}}).',
    todo: 'Prüfen Sie, ob sein Ordner beschreibbar ist und seine Platte Platz hat, oder nennen Sie in DENDRO_STATE einen anderen.',
  },
  'history-locked': {
    what: 'Ein anderes Programm hält den Verlauf gesperrt.',
    todo: 'Beenden Sie das andere Programm, und versuchen Sie es noch einmal.',
  },
  'history-too-new': {
    what: 'Der Verlauf stammt von einem neueren Dendro (Format {{found}}, dieses kennt {{newest}}).',
    todo: 'Nehmen Sie das neuere Dendro, oder legen Sie die Datei beiseite, um einen neuen Verlauf zu beginnen.',
  },
  'io-error': {
    what: 'Lesen oder Schreiben ist fehlgeschlagen ({{reason}}).',
    todo: 'Prüfen Sie das genannte Laufwerk oder die Datei.',
  },
  'kernel-too-old': {
    what: 'Der Kernel ist zu alt.',
    todo: 'Dendro braucht Linux 5.6 oder neuer.',
  },
  'message-malformed': {
    what: 'Eine Nachricht an den Dienst ist keine gültige Anfrage.',
    todo: 'Laden Sie die Seite neu.',
  },
  'message-too-long': {
    what: 'Eine Nachricht an den Dienst ist länger, als eine Anfrage sein darf.',
    todo: 'Wählen Sie weniger auf einmal aus.',
  },
  'needs-root': {
    what: [
      'Nur root darf {{what}} setzen: Der Dienst würde es als root ausführen.',
      'Das darf nur root.',
    ],
    todo: 'Starten Sie Dendro als Administrator.',
  },
  'no-bus': {
    what: 'Dieser Rechner hat keinen Nachrichtenbus (D-Bus).',
    todo: 'Installieren und starten Sie dbus, oder hängen Sie Laufwerke von Hand ein.',
  },
  'no-memory': {
    what: 'Dem Rechner fehlt Arbeitsspeicher.',
    todo: 'Beenden Sie andere Programme, und starten Sie es noch einmal.',
  },
  'no-update': {
    what: 'Für diesen Rechner gibt es nichts Neueres.',
    todo: 'Es ist nichts zu tun.',
  },
  'no-update-channel': {
    what: 'Dieses Dendro hat keinen Aktualisierungskanal.',
    todo: 'Es wird so aktualisiert, wie es installiert wurde: von der Paketverwaltung oder von Hand.',
  },
  'not-authorised': {
    what: 'Sie wurden für die Laufwerke dieses Rechners nicht freigeschaltet.',
    todo: 'Versuchen Sie es noch einmal mit dem Passwort eines Administrators.',
  },
  'not-in-group': {
    what: 'Der Dendro-Dienst kennt Sie nicht.',
    todo: 'Bitten Sie den Administrator, Sie in die Gruppe des Dienstes aufzunehmen, und melden Sie sich neu an.',
  },
  'page-not-built': {
    what: 'Die Seite wurde noch nicht gebaut.',
    todo: 'Führen Sie npm run build aus.',
  },
  'pipe-closed': {
    what: 'Wer am anderen Ende las, hat aufgehört.',
    todo: 'Sehen Sie nach, was das andere Programm meldet.',
  },
  'port-taken': {
    what: 'Unter Port {{port}} lässt sich die Seite nicht anbieten ({{reason}}).',
    todo: 'Wählen Sie einen anderen Port, oder lassen Sie ihn weg.',
  },
  'service-answer': {
    what: 'Der Dendro-Dienst hat etwas gesendet, das keine Nachricht ist.',
    todo: 'Laden Sie die Seite neu; sie und der Dienst haben vielleicht verschiedene Versionen.',
  },
  'service-denied': {
    what: 'Sie dürfen den Dendro-Dienst dieses Rechners nicht benutzen.',
    todo: 'Bitten Sie den Administrator, Sie in seine Gruppe aufzunehmen, und melden Sie sich neu an.',
  },
  'service-gone': {
    what: 'Der Dendro-Dienst ist nicht erreichbar.',
    todo: 'Starten Sie ihn wieder, oder öffnen Sie das Fenster neu.',
  },
  'service-running': {
    what: 'Ein anderes Dendro führt die Pläne aus: {{heldBy}}.',
    todo: 'Benutzen Sie jenes, oder beenden Sie es zuerst.',
  },
  'system-call-failed': {
    what: [
      'Ein Aufruf des Systems für „{{path}}“ ist fehlgeschlagen ({{errno}}).',
      'Ein Aufruf des Systems ist fehlgeschlagen ({{errno}}).',
    ],
    todo: 'Das Kernel-Protokoll sagt vielleicht mehr.',
  },
  'system-not-mounted': {
    what: ['{{path}} fehlt hier.', '{{folder}} fehlt hier.'],
    todo: '{{folder}} ist hier nicht eingehängt. In einem chroot hilft, von außen: mount --rbind {{folder}} CHROOT{{folder}}',
  },
  'too-many-files': {
    what: 'Es sind zu viele Dateien auf einmal geöffnet.',
    todo: 'Erhöhen Sie die Grenze für offene Dateien.',
  },
  'tool-failed': {
    what: '{{command}} kam nicht zu seinem Ende.',
    todo: 'Führen Sie es in einem Terminal aus, um zu sehen, was es meldet.',
  },
  'tool-missing': {
    what: [
      '„{{file}}“ ist mit {{name}} gepackt, und {{tool}} ist nicht installiert.',
      'Das Programm {{command}} ist nicht installiert.',
    ],
    todo: [
      'Installieren Sie {{tool}}, oder entpacken Sie die Datei zuerst.',
      'Installieren Sie das Paket, das {{command}} enthält.',
    ],
  },
  'update-damaged': {
    what: '{{name}} ist nicht, was signiert wurde. Es wurde entfernt und nichts installiert.',
    todo: 'Versuchen Sie es noch einmal, vielleicht aus einem anderen Netz.',
  },
  'update-too-large': {
    what: '{{address}} ist größer als die erlaubten {{mostBytes, number}} Bytes. Nichts davon wurde behalten.',
    todo: 'Versuchen Sie es später noch einmal.',
  },
  'update-unreachable': {
    what: '{{origin}}{{pathname}} ließ sich nicht lesen ({{why}}).',
    todo: 'Prüfen Sie das Netz, und versuchen Sie es noch einmal: Ein Herunterladen geht dort weiter, wo es stehen blieb.',
  },
  'wire-malformed': {
    what: 'Das andere Ende sendet, was hier nicht verstanden wird.',
    todo: SAME_VERSION,
  },
  'wire-version': { what: 'Das Dendro am anderen Ende meldet {{version}}.', todo: SAME_VERSION },
};
