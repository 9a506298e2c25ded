import type { shell as english } from '../en/shell.ts';
import type { Translated } from '../shape.ts';

/** Der Rahmen um jede Seite. */
export const shell: Translated<typeof english> = {
  app: { name: 'Dendro', title: '{{page}} · Dendro' },
  nav: {
    label: 'Seiten',
    skip: 'Zum Inhalt springen',
    home: 'Übersicht',
    restore: 'Wiederherstellen',
    plans: 'Pläne',
    drives: 'Laufwerke',
    activity: 'Verlauf',
    streams: 'Datenströme',
    rescue: 'Retten',
    settings: 'Einstellungen',
    running_one: '{{count, number}} Vorgang läuft',
    running_other: '{{count, number}} Vorgänge laufen',
    where: '{{host}} · {{version}}',
  },
  action: {
    backUpNow: 'Jetzt sichern',
    cancel: 'Abbrechen',
    clear: 'Leeren',
    close: 'Schließen',
    closePane: 'Seitenleiste schließen',
    copied: 'Kopiert',
    copy: 'Kopieren',
    copyCommand: 'Diesen Text kopieren',
    sameCommand: 'Dasselbe auf der Befehlszeile',
    tryAgain: 'Noch einmal versuchen',
    runAgain: 'Noch einmal ausführen',
    undo: 'Rückgängig',
  },
  shortcuts: {
    title: 'Tastenkürzel',
    toPage: 'Zu den Seiten, in der Reihenfolge der Spalte',
    backUp: 'Jetzt sichern',
    help: 'Diese Liste',
    inList:
      'In einer Liste: bewegen, blättern, Anfang, Ende, öffnen, zurück, nach Anfangsbuchstaben suchen',
    inSample: 'In einem Bohrkern: früher, später, Anfang, Ende',
    close: 'Seitenleiste oder Dialog schließen',
    keys: { page: 'Bild ↑ ↓', home: 'Pos1', end: 'Ende', enter: 'Eingabe' },
    onOff: 'Die Taste ? öffnet diese Liste',
  },
  state: {
    loading: 'Wird geladen',
    fault: 'Ein Fehler in Dendro hat diesen Teil der Seite angehalten.',
    faultMeaning: 'Was läuft, läuft weiter: Der Dienst führt es aus, und nichts ist verloren.',
    missing: 'Ein Teil der Seite ließ sich nicht laden.',
    missingMeaning:
      'Dendro wurde vielleicht aktualisiert, während dieses Fenster offen war. Nichts ist verloren.',
    reload: 'Seite neu laden',
  },
  connection: {
    gone: 'Der Dendro-Dienst ist nicht erreichbar.',
    goneMeaning:
      'Was hier steht, kann veraltet sein; verloren ist nichts. Es wird von selbst erneut versucht. So startet er: dendro serve',
  },
  notRoot: {
    title: 'Dendro läuft als {{user}} und darf die Laufwerke dieses Rechners nicht lesen.',
    unlock: 'Mit einem Passwort entsperren …',
    noHelper:
      'Der Helfer, den ein Passwort entsperren würde, ist nicht installiert: Er kommt mit den Paketen deb und rpm, nicht mit dem AppImage oder dem tar.gz. Installieren Sie eines davon, oder starten Sie Dendro als Administrator mit der Zeile unten.',
    refused:
      'Es blieb gesperrt: Es wurde kein Passwort eingegeben, oder es war nicht das eines Administrators.',
    text: 'Ein Laufwerk zu lesen und Schnappschüsse anzulegen, verlangt Administratorrechte. Abbilder, die Sie lesen dürfen, lassen sich trotzdem öffnen. Für alles andere starten Sie Dendro so:',
  },
};
