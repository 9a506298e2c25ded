import type { ErrorWords } from '../../words.ts';

const HELP = 'Die Hilfe des Befehls (--help) sagt, was er annimmt.';

/** Wofür nur eine Befehlszeile zurückgewiesen werden kann. */
export const commands: ErrorWords = {
  'bad-arguments': { what: 'Der Befehl nimmt diese Angaben nicht an.', todo: HELP },
  'bad-date': { what: '„{{text}}“ ist kein Datum.', todo: 'Schreiben Sie es wie 2026-11-27.' },
  'bad-option': { what: 'Eine Option des Befehls ist nicht richtig.', todo: HELP },
  'bad-port': { what: '„{{text}}“ ist kein Port.', todo: 'Nennen Sie eine Zahl von 0 bis 65535.' },
  'bad-size': {
    what: '„{{text}}“ ist keine Größe.',
    todo: 'Schreiben Sie sie wie 500, 10M oder 1.5G.',
  },
  'bad-target': {
    what: '„{{text}}“ ist kein Ordner auf einem anderen Rechner.',
    todo: 'Schreiben Sie ssh://RECHNER/ORDNER oder ssh://BENUTZER@RECHNER:PORT/ORDNER.',
  },
  'exclude-file': {
    what: '„{{path}}“ ist nicht lesbar ({{code}}).',
    todo: 'Nennen Sie eine Datei mit einem Muster von gitignore(5) in jeder Zeile.',
  },
  'unknown-action': { what: 'dendro plan kennt „{{action}}“ nicht.', todo: HELP },
  'unknown-command': {
    what: 'Den Befehl „{{name}}“ gibt es nicht.',
    todo: 'dendro --help zeigt alle Befehle.',
  },
  'unknown-group': {
    what: 'Die Gruppe „{{name}}“ gibt es nicht.',
    todo: 'Legen Sie sie an: groupadd --system {{name}}',
  },
};
