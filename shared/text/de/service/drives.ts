import type { ErrorWords } from '../../words.ts';

/** Fehler mit Laufwerken, Passphrasen und dem Einhängen. */
export const drives: ErrorWords = {
  'drive-away': {
    what: ['„{{name}}“ ist nicht angeschlossen.', 'Das Laufwerk ist nicht mehr angeschlossen.'],
    todo: 'Schließen Sie es an, und versuchen Sie es noch einmal.',
  },
  'drive-busy': {
    what: [
      'Ein Vorgang schreibt gerade auf „{{name}}“.',
      'Das Laufwerk wird gerade benutzt ({{reason}}).',
      'Ein Vorgang schreibt gerade auf das Laufwerk.',
    ],
    todo: 'Warten Sie, bis alle Vorgänge fertig sind, und schließen Sie Programme, die Dateien darauf geöffnet haben.',
  },
  'drive-is-system': {
    what: '„{{name}}“ liegt auf der Platte des laufenden Systems.',
    todo: 'Wählen Sie ein anderes Laufwerk.',
  },
  'drive-not-mounted': {
    what: [
      '„{{name}}“ ist nicht mehr unter {{path}} eingehängt.',
      '„{{name}}“ ist angeschlossen, aber nicht eingehängt.',
      'Das Laufwerk ist nicht eingehängt.',
    ],
    todo: 'Hängen Sie es ein, und versuchen Sie es noch einmal.',
  },
  'drive-swapped': {
    what: [
      'Das Laufwerk unter {{path}} ist „{{found}}“ und nicht „{{name}}“, hat aber dieselbe UUID.',
      'Was unter {{path}} eingehängt ist, ist nicht „{{name}}“: Es hat nicht die UUID {{uuid}}.',
    ],
    todo: 'Ziehen Sie es ab, und schließen Sie das gemeinte an.',
  },
  'drive-marker-missing': {
    what: 'Das Laufwerk unter {{path}} hat die UUID von „{{name}}“, aber nicht seine Kennung.',
    todo: 'Sehen Sie nach, was darauf ist. Ist es das richtige, vergessen Sie das Laufwerk in Dendro, und fügen Sie es neu hinzu.',
  },
  'drive-twins': {
    what: '{{all}} haben dasselbe Dateisystem (UUID {{uuid}}).',
    todo: 'Eines ist eine Kopie des anderen: Ziehen Sie das ab, das nicht gemeint ist, oder geben Sie ihm eine neue UUID.',
  },
  'drive-formatted': {
    what: '„{{name}}“ ist nicht da, wohl aber {{device}} mit seiner Bezeichnung oder auf seiner Platte und mit einer anderen UUID{{uuid}}.',
    todo: 'Wurde es neu formatiert, sind die Sicherungen darauf fort: Wählen Sie es in den Plänen, die es benutzten, neu, und vergessen Sie das alte Laufwerk.',
  },
  'drive-unknown': {
    what: 'Dendro kennt kein Laufwerk „{{text}}“.',
    todo: 'Schließen Sie es an, und wählen Sie es unter den Laufwerken.',
  },
  'drive-blank': {
    what: 'Das Laufwerk ist entsperrt, hat aber kein Dateisystem.',
    todo: 'Wählen Sie ein anderes Laufwerk, oder legen Sie ein Dateisystem darauf an.',
  },
  'drive-ambiguous': {
    what: 'Mehrere Laufwerke heißen „{{text}}“.',
    todo: 'Benennen Sie eines davon um.',
  },
  'passphrase-needed': {
    what: 'Das Laufwerk ist verschlüsselt und gesperrt.',
    todo: 'Entsperren Sie es, oder lassen Sie Dendro seine Passphrase im Schlüsselbund aufbewahren.',
  },
  'passphrase-wrong': {
    what: 'Die Passphrase öffnet das Laufwerk nicht.',
    todo: 'Versuchen Sie es noch einmal; achten Sie auf Groß- und Kleinschreibung und auf die Tastaturbelegung.',
  },
  'passphrases-differ': {
    what: 'Die beiden Passphrasen stimmen nicht überein.',
    todo: 'Versuchen Sie es noch einmal.',
  },
  'no-passphrase': {
    what: 'Es wurde keine Passphrase angegeben.',
    todo: 'Geben Sie die Passphrase ein.',
  },
  'mount-failed': {
    what: '{{device}} ließ sich nicht einhängen ({{reason}}).',
    todo: 'Prüfen Sie das Laufwerk; das Kernel-Protokoll sagt mehr.',
  },
  'unlock-failed': {
    what: '{{device}} ließ sich nicht entsperren ({{reason}}).',
    todo: 'Versuchen Sie es noch einmal; das Kernel-Protokoll sagt mehr.',
  },
  'cannot-mount': {
    what: 'Ein Laufwerk einzuhängen verlangt UDisks2 oder Administratorrechte.',
    todo: 'Installieren Sie UDisks2, oder hängen Sie das Laufwerk selbst ein.',
  },
  'mounted-over': {
    what: 'Über „{{path}}“ ist etwas anderes eingehängt.',
    todo: 'Hängen Sie das aus, oder hängen Sie das Subvolume selbst auch anderswo ein.',
  },
  'not-mounted': {
    what: [
      '„{{name}}“ ist nicht beschreibbar eingehängt.',
      'Das Dateisystem ist nicht eingehängt.',
    ],
    todo: 'Hängen Sie es beschreibbar ein, und versuchen Sie es noch einmal.',
  },
  'target-read-only': {
    what: '„{{name}}“ ist so eingehängt, dass es nur gelesen werden kann.',
    todo: 'Hängen Sie es beschreibbar ein.',
  },
  'target-unreadable': {
    what: 'Das Ziel ist nicht lesbar.',
    todo: 'Prüfen Sie das Laufwerk, oder wählen Sie ein anderes.',
  },
  'source-is-target': {
    what: 'Eine Sicherung auf „{{name}}“ selbst ginge mit der Platte verloren.',
    todo: 'Wählen Sie ein anderes Laufwerk; auf demselben schützen Schnappschüsse vor Versehen.',
  },
  'device-denied': {
    what: '{{path}} darf nicht gelesen werden.',
    todo: 'Starten Sie Dendro als Administrator.',
  },
  'device-gone': {
    what: ['{{device}} ist nicht mehr da.', 'Das Laufwerk ist nicht mehr da.'],
    todo: 'Schließen Sie es wieder an, und starten Sie es noch einmal.',
  },
  'device-error': {
    what: [
      'Beim Zugriff auf „{{path}}“ meldet das Laufwerk einen Fehler.',
      'Das Laufwerk meldet einen Fehler.',
    ],
    todo: 'Prüfen Sie das Laufwerk und sein Kabel; das Kernel-Protokoll sagt mehr.',
  },
  'device-not-found': {
    what: '{{path}} ist nicht da.',
    todo: 'Schließen Sie das Laufwerk an, und versuchen Sie es noch einmal.',
  },
  'device-open-failed': {
    what: '{{path}} ließ sich nicht öffnen ({{reason}}).',
    todo: 'Prüfen Sie das Kabel; das Kernel-Protokoll sagt mehr.',
  },
  'device-read-failed': {
    what: '{{device}} ließ sich bei Byte {{position, number}} nicht lesen ({{reason}}).',
    todo: 'Prüfen Sie Kabel und Platte; das Kernel-Protokoll sagt mehr.',
  },
  'device-too-short': {
    what: '{{device}} endet vor Byte {{end, number}}, auf das das Dateisystem verweist.',
    todo: 'Das Abbild oder die Partition ist abgeschnitten, oder die Metadaten sind beschädigt: Sichern Sie unter „Retten“, was lesbar ist.',
  },
  'device-without-direct': {
    what: '{{path}} lässt sich nicht am Zwischenspeicher vorbei lesen.',
    todo: 'Erstellen Sie ein Abbild davon, und lesen Sie dieses.',
  },
  'device-left': {
    what: 'Das Gerät, von dem gelesen wird, gehört nicht mehr zu dem Dateisystem.',
    todo: 'Es wurde inzwischen ersetzt oder entfernt (btrfs replace, btrfs device remove). Starten Sie noch einmal.',
  },
  'device-missing': {
    what: 'Für die Adresse {{logical}} ({{name}} auf den Geräten {{ids}}) fehlt ein Gerät des Dateisystems.',
    todo: 'Schließen Sie das fehlende Gerät an, oder nennen Sie alle Geräte.',
  },
  'devices-unreadable': {
    what: 'Die Geräte ließen sich nicht auflisten ({{why}}).',
    todo: 'Führen Sie lsblk in einem Terminal aus, und sehen Sie nach, was es meldet.',
  },
  'different-filesystems': {
    what: '{{name}} und {{other}} haben verschiedene Dateisysteme.',
    todo: 'Nennen Sie die Geräte eines einzigen Dateisystems.',
  },
  'duplicate-device': {
    what: '{{first}} und {{second}} geben sich als dasselbe Gerät desselben Dateisystems aus.',
    todo: 'Eines ist eine Kopie des anderen: Trennen Sie das ab, das nicht gemeint ist.',
  },
  'disk-locked': {
    what: '„{{path}}“ ist verschlüsselt ({{name}}).',
    todo: 'Entsperren Sie es, und nennen Sie das Gerät, das dadurch unter /dev/mapper entsteht.',
  },
  'member-disk': {
    what: '„{{path}}“ ist Teil eines größeren Geräts ({{name}}).',
    todo: 'Setzen Sie es zusammen, und nennen Sie das Gerät, das dabei entsteht.',
  },
  'partition-table': {
    what: '„{{path}}“ ist eine Platte mit Partitionen ({{name}}).',
    todo: 'Nennen Sie eine ihrer Partitionen.',
  },
  'no-device': {
    what: 'Es wurde kein Gerät angegeben.',
    todo: 'Nennen Sie ein Blockgerät oder eine Abbilddatei.',
  },
  'not-a-device': {
    what: '{{path}} ist weder ein Blockgerät noch eine Abbilddatei.',
    todo: 'Wählen Sie ein Blockgerät oder eine Abbilddatei.',
  },
  'not-a-volume': {
    what: '„{{path}}“ ist weder ein Blockgerät noch eine Abbilddatei.',
    todo: 'Wählen Sie ein Blockgerät oder eine Abbilddatei.',
  },
  'udisks-denied': {
    what: 'UDisks2 erlaubt es nicht ({{reason}}).',
    todo: 'Erlauben Sie es in polkit, oder lassen Sie den Dendro-Dienst als root laufen.',
  },
  'udisks-refused': {
    what: 'UDisks2 kann das mit diesem Laufwerk nicht ({{reason}}).',
    todo: 'Hängen Sie das Laufwerk selbst ein.',
  },
  'keyring-locked': {
    what: 'Der Schlüsselbund des Desktops blieb gesperrt.',
    todo: 'Entsperren Sie ihn, oder geben Sie die Passphrase ein.',
  },
};
