/** The frame around every page. */
export const shell = {
  app: {
    name: 'Dendro',
    title: '{{page}} · Dendro',
  },
  nav: {
    label: 'Pages',
    skip: 'Skip to content',
    home: 'Home',
    restore: 'Restore',
    plans: 'Plans',
    drives: 'Drives',
    activity: 'Activity',
    streams: 'Streams',
    rescue: 'Rescue',
    settings: 'Settings',
    running_one: '{{count, number}} run in progress',
    running_other: '{{count, number}} runs in progress',
    where: '{{host}} · {{version}}',
  },
  action: {
    backUpNow: 'Back up now',
    cancel: 'Cancel',
    clear: 'Clear',
    close: 'Close',
    closePane: 'Close the side pane',
    copied: 'Copied',
    copy: 'Copy',
    copyCommand: 'Copy this text',
    sameCommand: 'The same on the command line',
    tryAgain: 'Try again',
    undo: 'Undo',
  },
  shortcuts: {
    title: 'Keyboard shortcuts',
    toPage: 'Go to the pages, in the order of the column',
    backUp: 'Back up now',
    help: 'This list',
    inList: 'In a list: move, page, first, last, open, back, find by its first letters',
    inSample: 'In a core sample: earlier, later, first, last',
    close: 'Close the side pane or the dialog',
    onOff: 'The key ? opens this list',
  },
  state: {
    loading: 'Loading',
    missing: 'A part of the page could not be loaded.',
    missingMeaning: 'Dendro may have been updated while this window was open. Nothing is lost.',
    reload: 'Load the page again',
  },
  connection: {
    gone: 'The Dendro service is not reachable.',
    goneMeaning:
      'What is shown here may be out of date; nothing is lost. Trying again by itself. To start it: dendro serve',
  },
  notRoot: {
    title: 'Dendro runs as {{user}} and may not read this computer’s drives.',
    unlock: 'Unlock with a password …',
    noHelper:
      'The helper that a password would unlock is not installed: it comes with the deb and rpm packages, not with the AppImage or the tar.gz. Install one of those, or start Dendro as administrator with the line below.',
    refused: 'It stayed locked: no password was given, or it was not an administrator’s.',
    text: 'Reading a drive and making snapshots need administrator rights. Images that you can read still open. To get everything, start it like this:',
  },
} as const;
