import type { rescue as english } from '../en/rescue.ts';
import type { Translated } from '../shape.ts';

/** Retten: für einen schlechten Tag, in den einfachsten Worten. */
export const rescue: Translated<typeof english> = {
  rescue: {
    calm: 'Etwas ist kaputt, oder eine Platte stammt aus einem Rechner, den es nicht mehr gibt. Dendro liest hier nur: Auf die gewählte Platte wird nichts geschrieben, es kann also nichts schlimmer werden.',
    what: 'Welche Platte ist es?',
    noDisks:
      'Keine Platte gefunden. Schließen Sie sie an, oder nennen Sie unten ein Abbild von ihr.',
    path: 'Oder nennen Sie sie',
    pathHelp: 'Ein Gerät, das Abbild einer Platte oder der Ordner eines Archivs.',
    example: '/dev/sdb1 oder /home/anna/alte-platte.img',
    absolute: 'Ein vollständiger Pfad beginnt mit /',
    look: 'Nachsehen, was da ist',
    stream: 'Eine Stromdatei öffnen Sie hier:',
    toStreams: 'Datenströme',
    disk: '{{disk}}',
    looking:
      'Ein Weg hinein wird gesucht. Bei einer stark beschädigten Platte dauert das; geschrieben wird nichts.',
    stopped: 'Die Suche wurde abgebrochen.',
    other: 'Andere Platte wählen',
    asStream: 'Als Stromdatei öffnen',
    nothing: 'Auf dieser Platte ist keine Datei erreichbar.',
    whole_one: 'Alles darauf ist erreichbar: {{count, number}} Subvolume.',
    whole_other: 'Alles darauf ist erreichbar: {{count, number}} Subvolumes und Schnappschüsse.',
    partly_one: 'Ein Teil ist beschädigt. {{count, number}} Subvolume ist erreichbar.',
    partly_other:
      'Ein Teil ist beschädigt. {{count, number}} Subvolumes und Schnappschüsse sind erreichbar.',
    lost_one:
      '{{count, number}} Stelle des Verzeichnisses ist verloren. Was dort stand, wird auf der Platte gesucht.',
    lost_other:
      '{{count, number}} Stellen des Verzeichnisses sind verloren. Was dort stand, wird auf der Platte gesucht.',
    choose: 'Was wollen Sie retten?',
    top: 'Oberste Ebene',
    snapshot: 'Schnappschuss',
    unreachable: 'sein Ort ist verloren',
    files: 'Dateien ansehen',
    filesOf: 'Dateien in {{name}}',
    count_one: '{{number}} Name ist erreichbar',
    count_other: '{{number}} Namen sind erreichbar',
    columnProblem: 'Problem',
    where: 'Wohin damit?',
    folder: 'Ein neuer Ordner auf einer anderen Platte',
    folderHelp:
      'Er darf nicht auf der kaputten Platte liegen. Jedes Subvolume bekommt darin einen Ordner.',
    folderName: 'Gerettet',
    save_one: 'Alles davon retten, was lesbar ist',
    save_other: 'Alles davon retten, was lesbar ist',
    stoppedCopy: 'Das Kopieren wurde abgebrochen. Was schon kopiert ist, bleibt.',
    saveAgain: 'Noch etwas retten',
    saved_one: '{{files}} Datei ist jetzt in Sicherheit, {{size}}.',
    saved_other: '{{files}} Dateien sind jetzt in Sicherheit, {{size}}.',
    unverified: '{{size}} hatten keine Prüfsumme: Ob sie stimmen, kann niemand sagen.',
    losses_one: '{{number}} Sache ließ sich nicht oder nicht ganz retten.',
    losses_other: '{{number}} Sachen ließen sich nicht oder nicht ganz retten.',
    lossList: 'Was fehlt',
    loss: {
      data: 'ein Teil des Inhalts',
      file: 'die ganze Datei',
      directory: 'Namen darin',
      properties: 'Eigentümer, Rechte oder Zeiten',
      map: 'wo der Inhalt steht',
      special: 'eine besondere Datei',
    },
    failedOne: 'Von {{name}} ließ sich nichts retten.',
  },
};
