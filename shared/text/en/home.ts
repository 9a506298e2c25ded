/** Home: sources, their places and points, the first steps. */
export const home = {
  place: {
    label: 'Kept at',
    here: 'this computer',
    thisComputer: 'This computer',
    driveAway: '{{name}} (away)',
  },
  sample: {
    changed: '{{moment}}: {{size}} changed',
    joined_one: '{{count, number}} moment, {{from}} to {{to}}',
    joined_other: '{{count, number}} moments, {{from}} to {{to}}',
    label_one: 'Core sample of {{name}}: {{count, number}} restore point',
    label_other: 'Core sample of {{name}}: {{count, number}} restore points',
    gap_one: 'Nothing for {{count, number}} day',
    gap_other: 'Nothing for {{count, number}} days',
  },
  source: {
    system: 'System',
    unprotected: 'Nothing protects {{name}} yet.',
    hereOnly:
      '{{name}} has restore points up to {{moment}}, on this computer only. If its disk fails, they go with it.',
    safe: '{{name}} is safe up to {{moment}}. It is on this computer and on {{drives}}.',
    checked: 'What is there was checked {{moment}}.',
    safeOnDrive: '{{name}} is safe up to {{moment}}. It is on {{drives}}.',
    away_one:
      '{{drives}} has been away for {{away}}. Nothing is lost: it holds {{name}} up to {{moment}}.',
    away_other:
      '{{drives}} have been away for {{away}}. Nothing is lost: they hold {{name}} up to {{moment}}.',
    aheadOfClock:
      '{{name}} is kept on {{places}}. Until when it is safe cannot be said: its newest restore point is dated {{moment}}, ahead of this computer’s clock.',
    farReached: '{{name}} last answered {{reached}}.',
    farFailed: '{{name}} did not answer {{failed}}; it last did {{reached}}.',
    next: 'Next: {{moment}}',
    restore: 'Restore …',
    backUp: 'Back up {{name}}',
    backUpShort: 'Back up …',
  },
  point: {
    withSize: '{{moment}}: {{size}} changed, on {{places}}',
    plain: '{{moment}}, on {{places}}',
  },
  first: {
    title: 'Three steps to the first backup',
    what: 'What to keep safe',
    source: '{{name}} ({{where}})',
    whatNone: 'No mounted btrfs subvolume was found on this computer.',
    where: 'Where to keep it',
    whereNone:
      'Plug in a drive: it appears here by itself. With btrfs it is at its best; any other filesystem does as well. The disk that the system runs from is never offered.',
    go: 'Back it up',
    goText:
      'Dendro makes a read-only snapshot, counts exactly what there is to send, and sends it. You can go on working.',
    action: 'Make the first backup',
    found: 'Found',
  },
} as const;
