import { z } from 'zod';
import { Count, Id, Page, PathText } from '../model/basics.ts';
import { EntryRef } from '../model/entry.ts';
import { EntryStat, FoundNames } from '../model/entry-stat.ts';
import { RescueList, RescueLook, RescueOutcome } from '../model/rescue.ts';
import { ChangedSince, SpaceBill, VerifyReport } from '../model/space.ts';
import { SubvolumeRef } from '../model/subvolume.ts';
import { VolumeReport } from '../model/volume-report.ts';

const started = z.object({ runId: Id });
const ofRun = z.object({ runId: Id });

/** The reader's verbs, those of the command line: `volumes`, `stat`, `find`, `du` and so on. */
export const volumeCalls = {
  /** Room by kind and profile, each device with its error counts, and health. */
  'volumes.inspect': { input: z.object({ volumeId: z.string() }), output: VolumeReport },

  /** All of `entry.get`, and every name and extent. */
  'entry.stat': { input: EntryRef, output: EntryStat },
  /** Names that match a shell pattern, below a folder of a subvolume. */
  'entries.match': {
    input: EntryRef.extend({
      pattern: z.string().min(1).max(1_024),
      ignoreCase: z.boolean().default(false),
      limit: z.int().min(1).max(10_000).default(1_000),
    }),
    output: FoundNames,
  },
  /** The quick look: inodes changed since a generation, or since a snapshot was made. */
  'changes.since': {
    input: SubvolumeRef.extend({
      since: z.union([z.object({ generation: Count }), z.object({ snapshotId: Count })]),
    }).extend(Page.shape),
    output: ChangedSince,
  },
  /** What each subvolume takes, alone and shared. Reads all metadata: seconds on a large one. */
  'space.bill': { input: z.object({ volumeId: z.string() }), output: SpaceBill },
  /** What deleting all of these together would free. */
  'space.freed': {
    input: z.object({ volumeId: z.string(), subvolumeIds: z.array(Count).min(1).max(10_000) }),
    output: z.object({ freedBytes: Count }),
  },

  /** Reads a volume, or one subvolume, and holds all against checksums, in every copy. */
  'verify.start': {
    input: z.object({ volumeId: z.string(), subvolumeId: Count.optional() }),
    output: started,
  },
  /** Of a run that has ended well, as long as this service goes on. */
  'verify.report': { input: ofRun, output: VerifyReport },

  /** Finds a way into a volume that does not mount: by paths of devices or images. */
  'rescue.look': { input: z.object({ paths: z.array(PathText).min(1).max(100) }), output: started },
  'rescue.found': { input: ofRun, output: RescueLook },
  /** Files that can still be reached below a folder; the run is that of `rescue.look`. */
  'rescue.list': {
    input: ofRun.extend({ subvolumeId: Count, path: PathText }).extend(Page.shape),
    output: RescueList,
  },
  /** Copies out to a new folder: these subvolumes, or without any all but snapshots. */
  'rescue.start': {
    input: z.object({
      paths: z.array(PathText).min(1).max(100),
      folder: PathText,
      subvolumeIds: z.array(Count).max(10_000).default([]),
    }),
    output: started,
  },
  'rescue.report': { input: ofRun, output: RescueOutcome },
} as const;
