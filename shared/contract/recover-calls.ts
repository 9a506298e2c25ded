import { z } from 'zod';
import { Id, PathText } from '../model/basics.ts';
import { RestorePreview } from '../model/backup.ts';
import { PointPlace } from '../model/place.ts';
import { RecoverReport } from '../model/recover.ts';
import { ArchiveSecrets } from '../model/archive.ts';

const started = z.object({ runId: Id });
const ofRun = z.object({ runId: Id });

const PlaceRestore = z.object({
  place: PointPlace,
  /** Files and folders in it, each with all that is below it; '' is everything. */
  paths: z.array(PathText).min(1).max(10_000),
  /** An absolute folder that exists, on any filesystem. */
  folder: PathText,
  clash: z.enum(['keep-both', 'replace', 'skip']).default('keep-both'),
});

/** Part of THE table (`calls.ts`): a machine without history, and restores out of any place. */
export const recoverCalls = {
  /** Everything that can be restored from a disk, an image, a stream file or a folder. */
  'recover.look': { input: z.object({ path: PathText }), output: started },
  /** Of a run that has ended, as long as this service goes on. */
  'recover.report': { input: ofRun, output: RecoverReport },
  /**
   * Stream files that belong to no archive are made one in a new folder, so that they can be
   * looked into: the run's result is its path. They themselves stay as they are.
   */
  'recover.open': {
    input: z.object({
      /** A run of `recover.look`, and which of its holders: one of kind 'streams'. */
      runId: Id,
      holder: z.int().nonnegative(),
      /** An absolute folder that is empty or not there yet. */
      folder: PathText,
      secrets: ArchiveSecrets.optional(),
    }),
    output: started,
  },

  'place.restorePreview': { input: PlaceRestore, output: RestorePreview },
  /** Undone by `restore.undo`, as every restore. */
  'place.restore': { input: PlaceRestore, output: started },
} as const;
