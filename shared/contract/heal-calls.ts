import { z } from 'zod';
import { Id, PathText } from '../model/basics.ts';
import { HealOutcome, HealReport } from '../model/heal.ts';
import { PointPlace } from '../model/place.ts';
import { SubvolumeRef } from '../model/subvolume.ts';

const started = z.object({ runId: Id });
const ofRun = z.object({ runId: Id });

/** Part of THE table (`calls.ts`): files that fail their checksum, and where good copies are. */
export const healCalls = {
  /**
   * Reads all of a subvolume in use against its checksums, and looks for what is lost in all its
   * restore points that are here, and in `places` first. Nothing is written.
   */
  'heal.look': {
    input: z.object({
      source: SubvolumeRef,
      /** Further ones: archives, folders, copies that no point is known of. */
      places: z.array(PointPlace).max(1_000).default([]),
    }),
    output: started,
  },
  /** Of a run that has ended, as long as this service goes on. */
  'heal.report': { input: ofRun, output: HealReport },
  /** Puts back what is lost, in place; the run is that of `heal.look`. */
  'heal.start': {
    /** `paths` as the report has them; none: every file of which a place holds something. */
    input: ofRun.extend({ paths: z.array(PathText).max(10_000).default([]) }),
    output: started,
  },
  'heal.outcome': { input: ofRun, output: HealOutcome },
} as const;
