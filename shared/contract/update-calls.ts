import { z } from 'zod';
import { Id } from '../model/basics.ts';
import { UpdateState } from '../model/update.ts';

const nothing = z.object({});

/** Part of THE table (`calls.ts`): newer versions of Dendro. Nothing here installs anything. */
export const updateCalls = {
  /** As of the last look; asks nobody. */
  'update.get': { input: nothing, output: UpdateState },
  /** Asks the channel that the package names, and nobody else. */
  'update.check': { input: nothing, output: UpdateState },
  /** Of what `update.get` calls available: a run; then `ready` says where it is. */
  'update.download': { input: nothing, output: z.object({ runId: Id }) },
} as const;
