import { z } from 'zod';
import { Count, Id, Uuid } from '../model/basics.ts';
import { CatalogueEntry, CatalogueQuery, CatalogueStatus } from '../model/catalogue.ts';
import { RollbackPlan, RollbackRequest } from '../model/rollback.ts';

const nothing = z.object({});
const takenIn = z.object({ points: Count, inodes: Count });

/** Finding in every restore point, and going back as a whole. */
export const restoreCalls = {
  /** All restore points of all sources by name, size or time, drives that are away included. */
  'catalogue.find': {
    input: CatalogueQuery,
    output: z.object({ entries: z.array(CatalogueEntry) }),
  },
  'catalogue.status': { input: nothing, output: CatalogueStatus },
  /** Takes in the points that are here and not known yet, by what differs from those before. */
  'catalogue.update': { input: nothing, output: takenIn },
  /** Switched off, all that is known of the source is forgotten. */
  'catalogue.switch': {
    input: z.object({ sourceUuid: Uuid, isOff: z.boolean() }),
    output: nothing,
  },
  /** Forgets a source, or all, and takes it in again from the snapshots and drives that are here. */
  'catalogue.rebuild': { input: z.object({ sourceUuid: Uuid.optional() }), output: takenIn },

  /** Each step, and what a person has to know before. */
  'rollback.plan': { input: RollbackRequest, output: RollbackPlan },
  'rollback.start': { input: RollbackRequest, output: z.object({ runId: Id }) },
} as const;
