import { z } from 'zod';
import { SourceChain } from '../model/chain.ts';
import { Count, ErrorModel, Id, PathText, TimeMs } from '../model/basics.ts';
import { Imported } from '../model/imported.ts';
import { PinReport } from '../model/pin.ts';
import { Plan, PlanDraft, PlanInput, PlanOutlook } from '../model/plan.ts';
import { SubvolumeRef } from '../model/subvolume.ts';

const nothing = z.object({});
const started = z.object({ runId: Id });

/** Part of THE table (`calls.ts`): plans, and what they hold on to. */
export const planCalls = {
  /** Plans from the configuration of btrbk or Snapper, to look at and then to create. */
  'otherTools.plans': {
    input: z.object({
      tool: z.enum(['btrbk', 'snapper']),
      /** A file other than the usual one. */
      path: PathText.optional(),
    }),
    output: Imported,
  },
  'plans.list': { input: nothing, output: z.array(Plan) },
  'plans.create': { input: PlanInput, output: Plan },
  'plans.update': {
    input: PlanInput.extend({
      planId: Id,
      /** What it was when the edit began: that nobody's change is undone unseen. */
      before: PlanDraft.optional(),
    }),
    output: Plan,
  },
  'plans.delete': { input: z.object({ planId: Id }), output: nothing },
  'plans.run': { input: z.object({ planId: Id }), output: started },
  /** The next runs, and what retention will have kept at a later time. */
  'plans.preview': {
    input: z.object({
      draft: PlanInput,
      /** The plan that it is the draft of; null: a new one. What others keep stays, too. */
      planId: z.string().nullable().default(null),
      atMs: TimeMs,
      /** Which place's rules: 'local', or a target by its key. */
      place: z.string().default('local'),
    }),
    output: PlanOutlook,
  },
  /** Takes plans from the text of a plan file; one of the same name is replaced. */
  'plans.import': {
    input: z.object({
      text: z.string().max(200_000),
      format: z.enum(['toml', 'yaml']),
      /** What to call it in errors. */
      name: z.string().max(4_096).default('the plan file'),
    }),
    output: z.array(Plan),
  },
  'plans.export': {
    input: z.object({ plans: z.array(PlanInput).max(1_000), format: z.enum(['toml', 'yaml']) }),
    output: z.object({ text: z.string() }),
  },
  /** The administrator's plan file that the service follows, and what is wrong with it. */
  'plans.file': {
    input: nothing,
    output: z.object({
      path: PathText.nullable(),
      readAtMs: TimeMs.nullable(),
      error: ErrorModel.nullable(),
    }),
  },
  /** The lineage of a source over all places, and what the next backup to each can build on. */
  'chain.get': { input: z.object({ source: SubvolumeRef }), output: SourceChain },
  /** Before packages change: the plans that are for it take their snapshots. */
  'plans.packages': { input: nothing, output: z.object({ runIds: z.array(Id) }) },

  /** What the next backup to each place builds on, present or away: never deleted. */
  'pins.list': { input: nothing, output: z.array(PinReport) },
  /** For a place that never came back: its pins hold no longer. */
  'pins.release': {
    input: z.object({ placeId: z.string().min(1).max(8_192) }),
    output: z.object({ released: Count }),
  },
} as const;
