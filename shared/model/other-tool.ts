import { z } from 'zod';

/** Tools whose snapshots Dendro recognises by where they lie. */
export const OtherTool = z.enum(['snapper', 'timeshift', 'btrbk']);
export type OtherTool = z.infer<typeof OtherTool>;

/** Whose snapshot a restore point is, and what its tool calls it: a number, a date, a name. */
export const MadeBy = z.object({ tool: OtherTool, label: z.string() });
export type MadeBy = z.infer<typeof MadeBy>;

/** What its tool noted of it. */
export const ForeignNote = MadeBy.extend({
  takenAtMs: z.int().nullable(),
  description: z.string(),
  /** Snapper: 'single', 'pre' or 'post'; Timeshift: its tags. */
  kind: z.string(),
  /** By which rule the tool deletes it; '' when it stays until it is deleted by hand. */
  cleanup: z.string(),
});
export type ForeignNote = z.infer<typeof ForeignNote>;
