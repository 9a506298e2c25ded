/** What happened, and what it means for the data. */
export const errors = {
  error: {
    logical: 'logical address {{value}}',
    offset: 'at byte {{value}}',
    command: 'command {{value}}',
  },
  meaning: {
    corrupt: 'What was read does not match its checksum or its form. Nothing was changed by it.',
    unsupported: 'The data is intact; this version of Dendro cannot read that part of it.',
    conflict: 'Everything that was there is intact.',
    planChanged: 'What you changed is not saved.',
    io: 'Everything that was there before is intact.',
    bug: 'What was there before has not been replaced.',
    targetFull:
      'Everything that was there is intact. What was not finished is not taken for whole.',
    parentMissing:
      'Nothing was sent. The snapshot that both sides would need in common is not there.',
    deviceGone:
      'What was on the drive before is intact; what was being written is not taken for whole.',
    streamBad: 'Nothing of it is shown as a restore point; everything that was there is intact.',
    interrupted: 'Everything that was there before is intact.',
    dataDamaged:
      'The file could not be read as it was written. Other files are not touched by this.',
  },
  plainly: {
    targetFull: 'The drive is full.',
    deviceGone: 'The drive went away.',
    denied: 'That is not allowed.',
    streamCutShort: 'The stream ends too early.',
    streamDamaged: 'The stream is damaged.',
  },
} as const;
