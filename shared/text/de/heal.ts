import type { heal as english } from '../en/heal.ts';
import type { Translated } from '../shape.ts';

/** Heilen: Dateien, deren Prüfsumme nicht stimmt, und gute Kopien von ihnen. */
export const heal: Translated<typeof english> = {
  heal: {
    open: 'Schäden suchen …',
    title: 'Schäden in {{name}}',
    untitled: 'Schäden',
    noSource: 'Diese Quelle ist nicht da',
    text: 'Dendro liest jede Datei und vergleicht sie mit ihrer Prüfsumme. Zu einer beschädigten sucht es in allen Zeitpunkten, die da sind, nach den verlorenen Bytes. Geschrieben wird erst, wenn Sie es sagen.',
    look: 'Alles lesen und suchen',
    again: 'Noch einmal suchen',
    stopped: 'Die Suche wurde abgebrochen. Nichts wurde geschrieben.',
    none: 'Jede Datei ist, wie sie geschrieben wurde.',
    read_one: '{{files}} Datei wurde gelesen, {{size}}.',
    read_other: '{{files}} Dateien wurden gelesen, {{size}}.',
    damaged_one: '{{number}} Datei ist beschädigt.',
    damaged_other: '{{number}} Dateien sind beschädigt.',
    healable_one: 'Zu {{number}} davon wurden gute Bytes gefunden.',
    healable_other: 'Zu {{number}} davon wurden gute Bytes gefunden.',
    places_one: '{{number}} Ort wurde durchsucht.',
    places_other: '{{number}} Orte wurden durchsucht.',
    tree: 'Das Verzeichnis der Platte selbst ist beschädigt, darum wurden nicht alle Dateien gesehen.',
    mirrored_one:
      '{{number}} Datei ist in einer Kopie schlecht und in der anderen dieser Platte gut: btrfs scrub repariert sie.',
    mirrored_other:
      '{{number}} Dateien sind in einer Kopie schlecht und in der anderen dieser Platte gut: btrfs scrub repariert sie.',
    unverified: '{{size}} haben keine Prüfsumme: Darüber lässt sich nichts sagen.',
    placeFailed: '{{name}} ließ sich nicht durchsuchen.',
    files: 'Beschädigte Dateien',
    columnLost: 'Verloren',
    lostOf: '{{lost}} von {{size}}',
    columnCopy: 'Gute Kopie',
    noCopy: 'in keinem Zeitpunkt, der da ist',
    byChecksum: '{{moment}}, auf {{where}}: durch ihre Prüfsumme bewiesen',
    bySame: '{{moment}}, auf {{where}}: dieselbe Datei',
    more_one: '(auch in {{count, number}} weiteren Zeitpunkt)',
    more_other: '(auch in {{count, number}} weiteren Zeitpunkten)',
    partly: '(nicht alles)',
    go_one: 'Gute Bytes in {{count, number}} Datei zurückschreiben',
    go_other: 'Gute Bytes in {{count, number}} Dateien zurückschreiben',
    done_one:
      '{{number}} Datei ist wieder gut: Sie wurde ganz gelesen und passt zu ihren Prüfsummen.',
    done_other:
      '{{number}} Dateien sind wieder gut: Sie wurden ganz gelesen und passen zu ihren Prüfsummen.',
  },
};
