import { z } from 'zod';
import type { ErrorData } from '../errors.ts';
import { noted, type Note, type Noted, type SaidValues } from '../said.ts';
import { because } from './reasons.ts';

/** A name or path: bytes as text, see `bytes-text.ts`; never holds a NUL. */
export const PathText = z
  .string()
  .max(16_384)
  .refine((text) => !text.includes('\0'), because(noted('holds-nul', 'holds a NUL')));

/** Sizes, counts, inode numbers, generations: refuse to pass 2^53. */
export const Count = z.int().nonnegative();

/** Milliseconds since 1970-01-01 UTC. */
export const TimeMs = z.int();

/** Canonical lower-case form, 8-4-4-4-12. */
export const Uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

/** Identifies a row that Dendro itself made: run, plan. */
export const Id = z.string().min(1).max(64);

/** What a sentence for people is filled with, see `said.ts`. */
export const Values: z.ZodType<SaidValues> = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.lazy(() => NoteModel)]),
);

export const NoteModel: z.ZodType<Note> = z.object({
  code: z.string(),
  text: z.string(),
  values: Values,
});

/** What is noted of a run: with its code, or as older versions did, in English alone. */
export const NotedModel: z.ZodType<Noted> = z.union([z.string(), NoteModel]);

export const ErrorModel: z.ZodType<ErrorData> = z.object({
  kind: z.enum(['Corrupt', 'Unsupported', 'Denied', 'Conflict', 'Io', 'Usage', 'Cancelled', 'Bug']),
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  place: z.object({
    device: z.string().optional(),
    tree: z.number().optional(),
    inode: z.number().optional(),
    logical: z.number().optional(),
    physical: z.number().optional(),
    path: z.string().optional(),
    offset: z.number().optional(),
    command: z.number().optional(),
  }),
  values: Values.optional(),
});

/** Part of a long list: rows from `offset`, and how many there are in all. */
export const Page = z.object({
  offset: Count.default(0),
  limit: z.int().min(1).max(5_000).default(500),
});
export type Page = z.infer<typeof Page>;
