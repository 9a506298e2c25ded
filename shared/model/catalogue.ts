import { z } from 'zod';
import { Count, PathText, TimeMs, Uuid } from './basics.ts';
import { EntryType } from './entry.ts';

/** What to look for in every restore point of every source, drives in the drawer included. */
export const CatalogueQuery = z.object({
  /** '' for any name; then size or time narrows it down. Case does not matter. */
  text: z.string().max(255).default(''),
  how: z.enum(['substring', 'name', 'glob', 'extension']).default('substring'),
  minBytes: Count.optional(),
  maxBytes: Count.optional(),
  modifiedFromMs: TimeMs.optional(),
  modifiedToMs: TimeMs.optional(),
  /** 'only': what the newest point does not have any more. */
  deleted: z.enum(['any', 'only', 'no']).default('any'),
  filesOnly: z.boolean().default(false),
  sourceUuid: Uuid.optional(),
  limit: z.int().min(1).max(10_000).default(200),
});
export type CatalogueQuery = z.output<typeof CatalogueQuery>;

/** A name in a folder that was found, whatever files had it, by the newest point that has it. */
export const CatalogueEntry = z.object({
  sourceUuid: Uuid,
  sourceName: PathText,
  /** From the source's top. */
  path: PathText,
  type: EntryType,
  sizeBytes: Count,
  modifiedAtMs: TimeMs,
  /** States of it that differ, among those that the query fits. */
  versions: Count,
  isDeleted: z.boolean(),
  firstPointMs: TimeMs,
  lastPointMs: TimeMs,
  pointId: z.string(),
  /** Where that point can be read: here now, or on a drive that is away. */
  copies: z.array(
    z.object({
      volumeId: z.string(),
      volumeName: z.string(),
      subvolumeId: Count,
      present: z.boolean(),
    }),
  ),
});
export type CatalogueEntry = z.infer<typeof CatalogueEntry>;

export const CatalogueStatus = z.object({
  versions: Count,
  points: Count,
  bytes: Count,
  /** Points that are here and not taken in yet. */
  waiting: Count,
  /** Sources that are switched off. */
  off: z.array(Uuid),
});
export type CatalogueStatus = z.infer<typeof CatalogueStatus>;
