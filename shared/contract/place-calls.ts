import { z } from 'zod';
import { Count, Id, Page, PathText } from '../model/basics.ts';
import {
  ComparisonEntry,
  ComparisonSummary,
  Difference,
  DifferenceKind,
} from '../model/comparison.ts';
import { FilePreview, FolderPage } from '../model/entry.ts';
import { PointPlace } from '../model/place.ts';

const started = z.object({ runId: Id });
const ofRun = z.object({ runId: Id });

/** Part of THE table (`calls.ts`): states of files wherever they lie, and what differs. */
export const placeCalls = {
  /**
   * What a copy of a restore point is for the calls below; null when it cannot be read now: its
   * drive is away or not mounted, or it is on another computer.
   */
  'place.ofCopy': {
    input: z.object({ pointId: z.string().max(64), volumeId: z.string().min(1).max(8_192) }),
    output: z.object({ place: PointPlace.nullable() }),
  },
  /** Sorted: directories first, then by name. */
  'place.directory': {
    input: z.object({ place: PointPlace, path: PathText }).extend(Page.shape),
    output: FolderPage,
  },
  /** The first bytes of a file: to look at, and both sides of a difference in a text. */
  'place.preview': {
    input: z.object({
      place: PointPlace,
      path: PathText,
      limitBytes: z.int().min(1).max(1_048_576).default(65_536),
    }),
    output: FilePreview,
  },

  /** Content-true, between any two states, on whatever volumes, in archives or folders. */
  'comparison.start': {
    input: z.object({ from: PointPlace, to: PointPlace }),
    output: started,
  },
  /** Of a run that has ended, as long as this service goes on; so the two below. */
  'comparison.summary': { input: ofRun, output: ComparisonSummary },
  /** Flat, by path. */
  'comparison.list': {
    input: ofRun
      .extend({
        /** Only this path and what lies below it; '' is everything. */
        below: PathText.default(''),
        /** Only these kinds; none given: all. */
        kinds: z.array(DifferenceKind).max(5).default([]),
      })
      .extend(Page.shape),
    output: z.object({ differences: z.array(Difference), total: Count }),
  },
  /** The tree of what differs, one folder at a time: names in it that do, or in which something does. */
  'comparison.folder': {
    input: ofRun.extend({ path: PathText }).extend(Page.shape),
    output: z.object({ entries: z.array(ComparisonEntry), total: Count }),
  },
} as const;
