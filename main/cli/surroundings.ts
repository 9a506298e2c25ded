/** What a command reads besides its arguments; the manual prints both tables. */
export const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = [
  ['DENDRO_SOCKET', 'where the service listens; else /run/dendro/dendro.sock'],
  ['DENDRO_STATE', 'the folder of the history and the catalogue'],
  ['DENDRO_PASSPHRASE', 'the passphrase of an encrypted archive, for scripts'],
  ['DENDRO_TRACE', '1: an error is printed with its stack'],
  ['VISUAL, EDITOR', 'what "dendro plan edit" opens a plan with'],
];

export const FILES: readonly (readonly [path: string, meaning: string])[] = [
  ['/etc/dendro/plans.toml, plans.yaml', 'the plan file that the service follows'],
  ['/run/dendro/dendro.sock', 'where the service listens'],
  ['/var/lib/dendro/history.sqlite', 'runs, restore points, plans and drives, of root'],
  ['~/.local/state/dendro/history.sqlite', 'the same of another user (XDG_STATE_HOME)'],
  [
    'catalogue.sqlite',
    'beside the history: names of files in restore points; made again when gone',
  ],
  [
    '/var/cache/dendro, ~/.cache/dendro',
    'compiled code, of root and of another user (XDG_CACHE_HOME); made again when gone',
  ],
];
