import { randomUUID } from 'node:crypto';
import { outlookOf } from '../../plan/outlook.ts';
import { targetKey, type PlanDraft, type Retention } from '../../../shared/model/plan.ts';
import type { Handlers } from './index.ts';

type Names =
  'plans.list' | 'plans.create' | 'plans.update' | 'plans.delete' | 'plans.run' | 'plans.preview';

export const planHandlers: Pick<Handlers, Names> = {
  'plans.list': async (_, { history, scheduler }) =>
    history.plans.list().map((row) => scheduler.describe(row)),

  'plans.create': async (draft, { history, scheduler, hub, nowMs }) => {
    const planId = randomUUID();
    history.plans.create(planId, draft, nowMs());
    hub.emit('plans.changed', {});
    return scheduler.describe(history.plans.get(planId));
  },

  'plans.update': async ({ planId, ...draft }, { history, scheduler, hub }) => {
    history.plans.update(planId, draft);
    hub.emit('plans.changed', {});
    return scheduler.describe(history.plans.get(planId));
  },

  'plans.delete': async ({ planId }, { history, hub }) => {
    history.plans.delete(planId);
    hub.emit('plans.changed', {});
    return {};
  },

  'plans.run': async ({ planId }, { history, scheduler }) => ({
    runId: await scheduler.begin(history.plans.get(planId)),
  }),

  'plans.preview': async ({ draft, atMs, place }, { nowMs }) =>
    outlookOf(draft.when, keptAt(draft, place), nowMs(), atMs),
};

/** The rules of a place; those of this computer when the target is gone from the draft. */
function keptAt({ keepLocal, targets }: PlanDraft, place: string): Retention {
  return targets.find((target) => targetKey(target) === place)?.keep ?? keepLocal;
}
