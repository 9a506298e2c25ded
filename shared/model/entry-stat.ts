import { z } from 'zod';
import { Count, PathText } from './basics.ts';
import { DirectoryEntry, EntryDetail } from './entry.ts';

/** One extent of a file, where it lies in the file and on the volume. */
export const ExtentFacts = z.object({
  fileOffset: Count,
  lengthBytes: Count,
  kind: z.enum(['inline', 'data', 'preallocated', 'hole']),
  /** 0 none, 1 zlib, 2 lzo, 3 zstd. */
  compression: Count,
  /** Logical address of the whole extent; 0 for a hole and inline data. */
  diskLogical: Count,
  diskLengthBytes: Count,
});
export type ExtentFacts = z.infer<typeof ExtentFacts>;

export const EntryStat = EntryDetail.extend({
  /** Every name, from the subvolume's top. */
  paths: z.array(PathText),
  extents: z.array(ExtentFacts),
  /** Extents past a limit. */
  extentsLeftOut: Count,
});
export type EntryStat = z.infer<typeof EntryStat>;

export const FoundNames = z.object({
  /** Paths are from the top of the subvolume that was searched. */
  entries: z.array(z.object({ path: PathText, entry: DirectoryEntry })),
  /** There are more than were asked for. */
  isCut: z.boolean(),
});
export type FoundNames = z.infer<typeof FoundNames>;
