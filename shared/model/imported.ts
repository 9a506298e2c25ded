import { z } from 'zod';
import { NoteModel } from './basics.ts';
import { PlanDraft } from './plan.ts';

/** Plans out of another tool's configuration; nothing is saved yet. */
export const Imported = z.object({
  drafts: z.array(PlanDraft),
  /** What could not be taken over, a sentence each. */
  notes: z.array(NoteModel),
});
export type Imported = z.infer<typeof Imported>;
