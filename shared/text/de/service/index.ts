import type { ServiceWords } from '../../words.ts';
import { archive } from './archive.ts';
import { commands } from './commands.ts';
import { desktop } from './desktop.ts';
import { drives } from './drives.ts';
import { files } from './files.ts';
import { filesystem } from './filesystem.ts';
import { findings } from './findings.ts';
import { losses } from './losses.ts';
import { notes } from './notes.ts';
import { plans } from './plans.ts';
import { reasons } from './reasons.ts';
import { streams } from './streams.ts';
import { system } from './system.ts';
import { titles } from './titles.ts';

/** Was der Dienst sagt, nach seinen Codes. */
export const service: ServiceWords = {
  errors: {
    ...drives,
    ...archive,
    ...streams,
    ...filesystem,
    ...files,
    ...plans,
    ...system,
    ...commands,
  },
  notes: { ...notes, ...titles, ...losses, ...findings, ...reasons, ...desktop },
};
