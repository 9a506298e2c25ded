import { z } from 'zod';
import { Count, NoteModel, PathText } from './basics.ts';
import { EntryType } from './entry.ts';

/**
 * - moved: under another name or in another folder; what lies in a moved folder is not told
 *   again, unless it changed too;
 * - modified: other content, whatever else;
 * - metadata: the same bytes, other properties.
 */
export const DifferenceKind = z.enum(['added', 'removed', 'moved', 'modified', 'metadata']);
export type DifferenceKind = z.infer<typeof DifferenceKind>;

/** One path that differs between two states. Files with the same bytes are no 'modified' ones. */
export const Difference = z.object({
  /** In the newer state; of what was removed, in the older one. */
  path: PathText,
  type: EntryType,
  kind: DifferenceKind,
  /** Where it was, when that is another path. */
  previousPath: PathText.nullable(),
  /** What differs: 'data', 'size', 'mode', 'owner', 'times', 'xattrs', 'links', 'flags', 'target'. */
  aspects: z.array(z.string()),
  sizeBytes: Count,
  /** Null for what was not there before. */
  previousBytes: Count.nullable(),
});
export type Difference = z.infer<typeof Difference>;

export const DifferenceCounts = z.object({
  added: Count,
  removed: Count,
  moved: Count,
  modified: Count,
  metadata: Count,
});
export type DifferenceCounts = z.infer<typeof DifferenceCounts>;

/** What a comparison came to. */
export const ComparisonSummary = z.object({
  counts: DifferenceCounts,
  /** Bytes of files that were added, and that were removed. */
  addedBytes: Count,
  removedBytes: Count,
  /** Files whose content had to be read to know. */
  filesRead: Count,
  /** What could not be read, and so is told as different. */
  unreadable: z.array(z.object({ path: PathText, reason: z.string() })),
  unreadableCount: Count,
  notes: z.array(NoteModel),
});
export type ComparisonSummary = z.infer<typeof ComparisonSummary>;

/** A row of the tree of what differs: one name in a folder in which something does. */
export const ComparisonEntry = z.object({
  name: PathText,
  path: PathText,
  /** Something below it differs. */
  isFolder: z.boolean(),
  /** Of this path itself: none for a folder in which something differs only, two where one kind of
   * thing took the place of another. */
  differences: z.array(Difference),
  /** Below it, itself not counted. */
  below: DifferenceCounts,
});
export type ComparisonEntry = z.infer<typeof ComparisonEntry>;
