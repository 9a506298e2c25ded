import { importPlans } from '../other-tools/import-plans.ts';
import { noteOf } from '../other-tools/note.ts';
import { twinOf } from '../other-tools/twin.ts';
import type { Handlers } from './index.ts';

type Names = 'snapshots.twin' | 'snapshots.note' | 'otherTools.plans';

export const otherToolHandlers: Pick<Handlers, Names> = {
  'snapshots.twin': (ref, context) => twinOf(ref, context),
  'snapshots.note': (ref, context) => noteOf(ref, context),
  'otherTools.plans': ({ tool, path }, context) => importPlans(tool, path, context),
};
