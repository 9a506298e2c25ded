/** The dialog "Back up now". */
export const backup = {
  backup: {
    title: 'Back up now',
    source: 'What',
    sourceOption: '{{name}}, on {{volume}}',
    target: 'To',
    targetOption: '{{name}} ({{free}} free)',
    folder: 'Folder on the drive',
    folderTop: 'Top of the drive',
    noTarget:
      'No other btrfs drive is mounted and writable. Plug one in and mount it; it appears here by itself.',
    counting: 'Counting exactly what there is to send …',
    how: 'How much to send',
    full: 'Everything, as a new start',
    since: 'Only what changed since {{moment}}',
    files_one: '{{files}} file',
    files_other: '{{files}} files',
    start: 'Send {{size}} to {{drive}}',
    noRoom:
      '{{drive}} has {{free}} free: {{missing}} too little. Free some room there first, or choose another drive.',
  },
} as const;
