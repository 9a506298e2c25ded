import type { ErrorWords } from '../../words.ts';

/** Fehler mit Plänen, Vorgängen, Meldungen und dem Übernehmen aus anderen Programmen. */
export const plans: ErrorWords = {
  'bad-calendar': {
    what: '„{{text}}“ ist kein Kalenderausdruck: {{why}}.',
    todo: 'Schreiben Sie ihn wie systemd, zum Beispiel Mon..Fri 09:00.',
  },
  'bad-months': {
    what: '„{{text}}“ ist keine Zahl von Monaten zwischen 1 und 120.',
    todo: 'Nennen Sie eine Zahl von 1 bis 120.',
  },
  'bad-pattern': {
    what: 'Dieses Muster passt auf nichts, was sich entfernen ließe.',
    todo: 'Nennen Sie einen Pfad oder ein Muster wie in gitignore, zum Beispiel „secrets/*.key“.',
  },
  'bad-plan': {
    what: 'Der Plan „{{name}}“ ist nicht richtig: {{reason}}.',
    todo: 'Berichtigen Sie, was genannt ist; der Plan ist unverändert.',
  },
  'bad-setting': {
    what: '„{{text}}“ ist kein Wert für {{name}}.',
    todo: 'Wählen Sie einen anderen Wert.',
  },
  'command-denied': {
    what: 'Der Befehl für Meldungen darf nicht ausgeführt werden.',
    todo: 'Machen Sie ihn für den Benutzer ausführbar, unter dem Dendro läuft.',
  },
  'command-failed': {
    what: [
      'Der Befehl für Meldungen endete mit dem Rückgabewert {{exitCode}}.',
      'Der Befehl für Meldungen wurde durch {{signal}} beendet.',
    ],
    todo: 'Probieren Sie ihn in einem Terminal aus.',
  },
  'command-missing': {
    what: 'Der Befehl für Meldungen ließ sich nicht starten.',
    todo: 'Prüfen Sie seinen Pfad in den Einstellungen.',
  },
  'edit-given-up': {
    what: 'Der Editor endete mit einem Fehler: Nichts wurde geändert.',
    todo: 'Versuchen Sie es noch einmal.',
  },
  'import-bad-line': {
    what: [
      'Zeile {{line}} der btrbk-Konfiguration ist unverständlich. {{why}}',
      'Die Snapper-Konfiguration „{{name}}“ nennt kein SUBVOLUME.',
    ],
    todo: 'Berichtigen Sie sie, oder schreiben Sie den Plan von Hand.',
  },
  'import-failed': {
    what: 'Nicht alle Datenstromdateien ließen sich übernehmen.',
    todo: 'Die Anmerkungen sagen, welche nicht und warum.',
  },
  'import-unreadable': {
    what: '„{{path}}“ ist nicht lesbar ({{code}}).',
    todo: 'Prüfen Sie Pfad und Rechte.',
  },
  'mail-failed': {
    what: 'Die Mail ließ sich nicht senden: sendmail endete mit dem Rückgabewert {{exitCode}}.',
    todo: 'Prüfen Sie die Mail-Einstellungen dieses Rechners; das Protokoll von sendmail sagt mehr.',
  },
  'name-not-text': {
    what: 'Ein Pfad im Plan ist kein UTF-8: Eine Plandatei kann ihn nicht enthalten.',
    todo: 'Benennen Sie den Ordner um, oder geben Sie den Plan als JSON aus.',
  },
  'no-desktop': {
    what: 'Nichts auf diesem Desktop zeigt Meldungen.',
    todo: 'Wählen Sie Mail, einen Befehl oder einen Webhook.',
  },
  'no-editor': {
    what: 'Der Editor „{{editor}}“ ließ sich nicht starten.',
    todo: 'Nennen Sie einen in EDITOR, oder geben Sie den Plan als Datei an.',
  },
  'no-sendmail': {
    what: 'Dieser Rechner kann keine Mail senden: sendmail fehlt.',
    todo: 'Installieren Sie ein Mailprogramm wie msmtp-mta oder postfix.',
  },
  'no-twin-needed': {
    what: '„{{path}}“ ist kein beschreibbarer Schnappschuss eines anderen Programms.',
    todo: 'Schreibgeschützte Schnappschüsse lassen sich senden, wie sie sind.',
  },
  'pin-unknown': {
    what: 'Für „{{place}}“ wird nichts festgehalten.',
    todo: 'Laden Sie die Liste neu.',
  },
  'plan-ambiguous': {
    what: '„{{text}}“ ist der Name mehrerer Pläne ({{count, number}}).',
    todo: 'Geben Sie die Kennung eines der Pläne an.',
  },
  'plan-file-gone': {
    what: 'Die Plandatei {{path}} ist nicht mehr da. Ihre Pläne gelten weiter.',
    todo: 'Legen Sie sie zurück, oder schreiben Sie eine Datei mit plan = [], damit sie enden.',
  },
  'plan-file-mistake': {
    what: 'Plandatei {{name}}, {{mistake}}. Die bisherigen Pläne gelten weiter.',
    todo: 'Berichtigen Sie die genannte Stelle.',
  },
  'plan-file-unreadable': {
    what: 'Die Plandatei „{{file}}“ ist nicht lesbar.',
    todo: 'Prüfen Sie ihre Rechte und ihre Form.',
  },
  'plan-in-file': {
    what: '„{{name}}“ steht in der Plandatei.',
    todo: 'Ändern Sie ihn dort: Sie wird sofort neu gelesen.',
  },
  'plan-name-taken': {
    what: 'Einen Plan „{{name}}“ gibt es schon außerhalb der Plandatei.',
    todo: 'Entfernen Sie jenen, oder nennen Sie einen der beiden anders.',
  },
  'plan-under-way': {
    what: [
      'Der Plan „{{name}}“ wird schon ausgeführt.',
      'Ein anderer Plan sichert gerade eine Quelle von „{{blocked}}“.',
      'Der Plan wird schon ausgeführt.',
    ],
    todo: 'Warten Sie, bis er fertig ist, oder brechen Sie ihn ab.',
  },
  'plan-changed': {
    what: 'Der Plan „{{name}}“ wurde inzwischen anderswo geändert.',
    todo: 'Öffnen Sie den Plan noch einmal: Er zeigt dann diese Änderung, und Ihre lässt sich daran vornehmen.',
  },
  'plan-unknown': {
    what: 'Den Plan {{text}} gibt es nicht.',
    todo: 'Laden Sie die Liste neu; vielleicht wurde er gelöscht.',
  },
  'run-interrupted': {
    what: 'Der Dienst endete, während der Vorgang lief.',
    todo: 'Starten Sie ihn noch einmal.',
  },
  'run-not-repeatable': {
    what: 'Was dieser Vorgang tun sollte, ist nicht mehr bekannt.',
    todo: 'Beginnen Sie ihn dort neu, wo er begonnen wurde: eine Sicherung unter „Übersicht“, eine Wiederherstellung unter „Wiederherstellen“.',
  },
  'run-still-running': {
    what: 'Dieser Vorgang ist noch nicht zu Ende.',
    todo: 'Warten Sie, bis er zu Ende ist, oder brechen Sie ihn ab.',
  },
  'run-not-running': {
    what: 'Dieser Vorgang läuft hier nicht.',
    todo: 'Führt ein anderes Dendro ihn aus, brechen Sie ihn dort ab.',
  },
  'run-unknown': {
    what: 'Der Vorgang {{runId}} steht nicht im Verlauf.',
    todo: 'Laden Sie die Liste neu.',
  },
  'source-unknown': {
    what: 'Der Plan „{{planName}}“ nennt {{given}}; das ist kein btrfs-Subvolume.',
    todo: 'Wählen Sie ein Subvolume.',
  },
  'source-vanished': {
    what: 'Nicht mehr da: {{names}}.',
    todo: 'Wählen Sie im Plan eine andere Quelle, oder löschen Sie den Plan. Wiederherstellungspunkte bleiben.',
  },
  'target-unknown': {
    what: [
      'Der Plan „{{onSource}}“ nennt {{path}}; das liegt auf dem Datenträger, der gesichert wird.',
      'Der Plan „{{planName}}“ nennt {{path}}; das liegt auf keinem Laufwerk, das da ist.',
    ],
    todo: 'Schließen Sie das Laufwerk an, und hängen Sie es ein.',
  },
  'token-unreadable': {
    what: 'Die Datei mit dem Zugangsschlüssel des Webhooks ist nicht lesbar.',
    todo: 'Prüfen Sie ihren Pfad und ihre Rechte.',
  },
  'unknown-setting': {
    what: 'Die Einstellung „{{name}}“ gibt es nicht.',
    todo: 'Es gibt: {{names}}.',
  },
  'webhook-failed': {
    what: 'Der Webhook bei {{host}} war nicht erreichbar.',
    todo: 'Prüfen Sie seine Adresse und das Netz.',
  },
};
