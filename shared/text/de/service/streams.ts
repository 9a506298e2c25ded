import type { ErrorWords } from '../../words.ts';

const SEND_AGAIN = 'Senden Sie noch einmal, oder nehmen Sie eine andere Kopie der Datenstromdatei.';
const SEND_FULL =
  'Senden Sie alles neu, oder nehmen Sie einen Vorgänger, den beide Seiten noch haben.';

/** Fehler beim Senden und Empfangen von Datenströmen. */
export const streams: ErrorWords = {
  'already-received': {
    what: 'Ein früherer Vorgang hatte schon alles empfangen; es steht jetzt an seinem Platz.',
    todo: 'Es ist nichts zu tun.',
  },
  'attribute-too-large': {
    what: 'Das Attribut {{name}} von „{{path}}“ ist größer, als dieses Dateisystem es aufnehmen kann.',
    todo: 'Empfangen Sie in ein btrfs mit Knoten von mehr als {{bytes}} Bytes (mkfs.btrfs -n) oder mit --plain.',
  },
  busy: {
    what: ['„{{path}}“ wird gerade benutzt.', 'Derselbe Datenstrom wird gerade schon empfangen.'],
    todo: 'Warten Sie, bis das fertig ist.',
  },
  'clone-past-end': {
    what: 'Der Datenstrom übernimmt Daten, die hinter dem Ende einer Datei lägen.',
    todo: 'Der Schnappschuss, auf dem er aufbaut, ist nicht derselbe: Senden Sie alles neu.',
  },
  compression: {
    what: 'Der Datenstrom enthält Daten in der unbekannten Komprimierung {{compression}}.',
    todo: 'Aktualisieren Sie Dendro, oder senden Sie unkomprimiert.',
  },
  'compressed-data-needs-protocol-2': {
    what: 'Version 1 der Datenströme kennt keine komprimierten Daten.',
    todo: 'Verlangen Sie Version 2.',
  },
  'content-of-no-file': {
    what: 'Der Datenstrom liest oder schreibt den Inhalt von „{{path}}“, das keine Datei ist.',
    todo: SEND_FULL,
  },
  'data-missing': {
    what: 'Der Datenstrom wurde ohne Dateiinhalte erstellt.',
    todo: 'Nur Namen und Eigenschaften lassen sich daraus wiederherstellen; für Inhalte nehmen Sie einen anderen.',
  },
  'data-moved': {
    what: 'Die Daten von Inode {{inode}} werden schneller verschoben, als sie sich lesen lassen.',
    todo: 'Versuchen Sie es nach dem Ausgleichen (btrfs balance) noch einmal, oder halten Sie es an.',
  },
  'data-moves': {
    what: 'Das Dateisystem ändert sich schneller, als es sich lesen lässt.',
    todo: 'Versuchen Sie es nach dem Ausgleichen (btrfs balance) noch einmal, oder halten Sie es an.',
  },
  'encoded-data': {
    what: 'Ein komprimierter Teil des Datenstroms ist ungültig.',
    todo: 'Senden Sie noch einmal; prüfen Sie die Quelle mit btrfs scrub.',
  },
  'encrypted-extent': {
    what: 'Der Datenstrom enthält verschlüsselte Dateidaten.',
    todo: 'Senden Sie noch einmal, ohne die Daten komprimiert zu übernehmen.',
  },
  'leftover-differs': {
    what: 'Ein abgebrochener Empfang dieses Namens hatte andere Daten.',
    todo: 'Starten Sie es noch einmal: Was übrig war, ist entfernt.',
  },
  'name-too-long': {
    what: 'Der Name ist für diesen Ort zu lang.',
    todo: 'Nehmen Sie einen kürzeren Namen, oder empfangen Sie auf btrfs.',
  },
  'name-unsafe': {
    what: 'Der Name „{{name}}“ lässt sich dem btrfs des anderen Rechners nicht übergeben.',
    todo: 'Installieren Sie dort Dendro, oder nehmen Sie einen Namen in UTF-8 ohne Zeilenumbruch.',
  },
  'names-collide': {
    what: 'Für „{{path}}“ ist kein Platz: btrfs legt Namen mit derselben Prüfsumme zusammen, und in diesem Ordner sind es zu viele.',
    todo: 'Benennen Sie einige davon in der Quelle um, oder empfangen Sie mit --plain auf ein anderes Dateisystem.',
  },
  'not-a-stream': {
    what: 'Das ist kein Datenstrom von btrfs send.',
    todo: 'Wählen Sie eine Datei, die btrfs send oder Dendro erstellt hat; gepackte oder verschlüsselte entpacken Sie zuerst.',
  },
  'not-read-only': {
    what: 'Das Subvolume {{path}} ist beschreibbar.',
    todo: 'Senden Sie einen schreibgeschützten Schnappschuss davon.',
  },
  'snapshot-without-name': {
    what: 'Die oberste Ebene eines Dateisystems hat keinen Namen, unter dem sie empfangen werden könnte.',
    todo: 'Senden Sie einen schreibgeschützten Schnappschuss davon.',
  },
  'snapshot-changed': {
    what: 'Der Schnappschuss {{path}} wurde beschreibbar gemacht und geändert, während er gelesen wurde.',
    todo: 'Erstellen Sie einen neuen Schnappschuss, und senden Sie diesen; lassen Sie Schnappschüsse schreibgeschützt.',
  },
  'resume-behind-end': {
    what: 'Einen Befehl {{resumeFrom}} gibt es nicht: Der Datenstrom hat {{commands}}.',
    todo: 'Senden Sie, was anfangs gesendet wurde: denselben Schnappschuss, denselben Vorgänger und dieselben Optionen.',
  },
  'output-closed': {
    what: 'Das Programm, das die Ausgabe liest, ist beendet.',
    todo: 'Sehen Sie nach, was es meldet, und starten Sie beide noch einmal.',
  },
  'output-failed': {
    what: [
      '„{{path}}“ lässt sich nicht anlegen ({{code}}).',
      'Die Ausgabe ließ sich nicht schreiben ({{code}}).',
    ],
    todo: 'Prüfen Sie das Laufwerk oder das Programm, in das sie geht.',
  },
  'output-full': {
    what: 'Wo die Ausgabe hingeht, ist kein Platz mehr.',
    todo: 'Schaffen Sie dort Platz, oder schreiben Sie sie woandershin.',
  },
  'parent-missing': {
    what: [
      'Der Schnappschuss mit der UUID {{uuid}}, auf dem dieser Datenstrom aufbaut, ist nicht am Ziel.',
      'Der Schnappschuss, den beide Seiten gemeinsam brauchen, fehlt.',
    ],
    todo: SEND_FULL,
  },
  'parent-changed': {
    what: 'Die Kopie des Schnappschusses {{uuid}} am Ziel hat einen anderen Stand (transid {{found}} statt {{wanted}}).',
    todo: SEND_FULL,
  },
  'parent-writable': {
    what: 'Die Kopie des Schnappschusses {{uuid}} am Ziel wurde beschreibbar gemacht und kann sich geändert haben.',
    todo: SEND_FULL,
  },
  'protocol-unknown': {
    what: [
      'Version {{text}} der Datenströme ist hier nicht bekannt.',
      'Datenströme gibt es in den Versionen 1 und 2.',
    ],
    todo: 'Verlangen Sie Version 1 oder 2.',
  },
  'received-missing': {
    what: [
      '„{{name}}“ ist unter {{url}} nicht vollständig.',
      '„{{name}}“ ist am Ziel nicht vollständig.',
    ],
    todo: 'Starten Sie die Sicherung noch einmal.',
  },
  'resume-mismatch': {
    what: 'Der Datenstrom geht bei Befehl {{wanted}} weiter, das Ziel steht aber bei {{found}}.',
    todo: 'Fragen Sie das Ziel noch einmal nach seinem Stand, oder senden Sie alles neu.',
  },
  'sent-differently': {
    what: '„{{path}}“ wurde sowohl ohne diese als auch ohne andere Pfade gesendet.',
    todo: 'Sagen Sie mit --parent-exclude, was der Empfänger hat: {{known}}.',
  },
  'staging-not-ours': {
    what: 'Der Ordner „{{name}}“ gehört jemand anderem.',
    todo: 'Sehen Sie nach, wer ihn angelegt hat, entfernen Sie ihn, und starten Sie es noch einmal.',
  },
  'stdout-is-a-terminal': {
    what: 'Ein Datenstrom wird nicht in ein Terminal geschrieben.',
    todo: 'Leiten Sie ihn in eine Datei um oder in den Befehl, der ihn empfängt.',
  },
  'stream-checksum': {
    what: 'Der Datenstrom ist beschädigt: Die Prüfsumme eines Befehls stimmt nicht.',
    todo: SEND_AGAIN,
  },
  'stream-command': {
    what: 'Der Datenstrom enthält den unbekannten Befehl {{command}}.',
    todo: 'Aktualisieren Sie Dendro, oder senden Sie mit einer niedrigeren Version.',
  },
  'stream-cut-short': { what: 'Der Datenstrom bricht mittendrin ab.', todo: SEND_AGAIN },
  'stream-empty': {
    what: 'Der Datenstrom ist leer.',
    todo: 'Sehen Sie nach, was die sendende Seite meldet.',
  },
  'stream-hash': {
    what: '„{{file}}“ ist nicht der Datenstrom, der aufgezeichnet wurde.',
    todo: 'Nehmen Sie ihn aus einer anderen Kopie.',
  },
  'stream-malformed': {
    what: ['Der Datenstrom nennt seinen Schnappschuss „{{name}}“.', 'Der Datenstrom ist ungültig.'],
    todo: 'Senden Sie noch einmal; hat ein anderes Programm ihn erstellt, melden Sie es dort.',
  },
  'stream-not-opened': {
    what: 'Die Datenstromdatei ließ sich nicht öffnen.',
    todo: 'Nehmen Sie eine andere Kopie der Datei.',
  },
  'stream-resumed': {
    what: 'Die Datei enthält nur den zweiten Teil eines Datenstroms.',
    todo: 'Senden Sie noch einmal von Anfang an.',
  },
  'stream-too-short': {
    what: 'Die Datenstromdatei „{{path}}“ ist zu kurz.',
    todo: 'Nehmen Sie sie aus einer anderen Kopie; was in anderen Dateien steht, bleibt lesbar.',
  },
  'stream-unreadable': {
    what: [
      'Die Datenstromdatei „{{path}}“ ließ sich nicht lesen ({{code}}).',
      'Der Datenstrom ließ sich nicht lesen ({{code}}).',
    ],
    todo: 'Prüfen Sie die Datei und das Laufwerk, auf dem sie liegt.',
  },
  'stream-version': {
    what: 'Datenströme der Version {{version}} sind nicht bekannt.',
    todo: 'Aktualisieren Sie Dendro, oder senden Sie mit einer niedrigeren Version.',
  },
  'trees-move': {
    what: 'Das Dateisystem ändert sich schneller, als es sich lesen lässt.',
    todo: 'Versuchen Sie es nach dem Ausgleichen (btrfs balance) noch einmal, oder halten Sie es an.',
  },
};
