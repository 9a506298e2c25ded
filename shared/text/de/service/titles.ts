import type { NoteWords } from '../../words.ts';

/** Wie Vorgänge heißen. */
export const titles: NoteWords = {
  'title-to-place': '{{what}} auf {{place}}',
  'title-to-folder': '{{what}} nach {{folder}}',
  'title-older': 'Ältere Wiederherstellungspunkte auf {{place}}',
  'title-restore-back': '{{what}} an den alten Ort',
  'title-restore-beside': '{{what}} neben den alten Ort',
  'title-restore-of': '{{what}} aus {{point}} nach {{folder}}',
  'title-all': 'Alles',
  'title-and-more': {
    one: '{{name}} und 1 weitere',
    other: '{{name}} und {{count, number}} weitere',
  },
  'title-roll-back': 'Zurücksetzen auf {{path}}',
  'title-drill': 'Probe: {{point}} aus {{folder}}',
  'title-look': 'Blick auf {{paths}}',
  'title-recover': 'Was sich aus {{path}} wiederherstellen lässt',
  'title-opened': {
    one: '1 Datenstromdatei, geöffnet in {{folder}}',
    other: '{{count, number}} Datenstromdateien, geöffnet in {{folder}}',
  },
  'title-damage': 'Schäden in {{name}}',
  'title-heal-one': 'Reparatur von {{path}} in {{name}}',
  'title-heal': {
    one: 'Reparatur von 1 Datei in {{name}}',
    other: 'Reparatur von {{count, number}} Dateien in {{name}}',
  },
  'title-on': '{{path}} auf {{name}}',
  'title-compare': '{{older}} im Vergleich mit {{newer}}',
};
