/** The dialog "Back up now". */
export const backup = {
  backup: {
    title: 'Back up now',
    source: 'What',
    sourceOption: '{{name}}, on {{volume}}',
    target: 'To',
    targetOption: '{{name}} ({{free}} free)',
    streamsOption: '{{name}} ({{filesystem}}, {{free}} free: as stream files)',
    unmountedOption: '{{name}} ({{filesystem}}, {{size}}, not mounted yet)',
    lockedOption: '{{name}} ({{size}}, locked)',
    isUnmounted: '{{name}} is plugged in and not mounted yet.',
    isLocked: '{{name}} is encrypted and locked.',
    exportFull_zero: 'Everything: no files, at most {{size}}.',
    exportFull_one: 'Everything: {{files}} file, at most {{size}}. It is packed on the way.',
    exportFull_other: 'Everything: {{files}} files, at most {{size}}. They are packed on the way.',
    exportSince_zero: 'Only what changed since {{moment}}: no files, at most {{size}}.',
    exportSince_one:
      'Only what changed since {{moment}}: {{files}} file, at most {{size}}. It is packed on the way.',
    exportSince_other:
      'Only what changed since {{moment}}: {{files}} files, at most {{size}}. They are packed on the way.',
    folder: 'Folder on the drive',
    folderTop: 'Top of the drive',
    noTarget:
      'No other drive that a backup can go to is plugged in. Plug one in; it appears here by itself. The disk that the system runs from is never offered.',
    counting: 'Counting exactly what there is to send …',
    how: 'How much to send',
    full: 'Everything, as a new start',
    since: 'Only what changed since {{moment}}',
    files_zero: 'no files',
    files_one: '{{files}} file',
    files_other: '{{files}} files',
    start: 'Send {{size}} to {{drive}}',
    noRoom:
      '{{drive}} has {{free}} free: {{missing}} too little. Free some room there first, or choose another drive.',
  },
} as const;
