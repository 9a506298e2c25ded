import { randomUUID } from 'node:crypto';
import { conflict, usage } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { PlanDraft, type Plan } from '../../../shared/model/plan.ts';
import { targetKey } from '../../../shared/model/plan-target.ts';
import type { Retention } from '../../../shared/model/retention.ts';
import type { PlanRow } from '../../history/plans.ts';
import { badExpressions } from '../../plan/file/file-schema.ts';
import { formatPlanFile, parsePlanFile } from '../../plan/file/plan-file.ts';
import { outlookOf } from '../../plan/outlook.ts';
import type { Context } from '../context.ts';
import { draftOf } from '../plans/file-draft.ts';
import { existingAt } from '../plans/existing-points.ts';
import type { Handlers } from './index.ts';

type Names =
  | 'plans.list'
  | 'plans.create'
  | 'plans.update'
  | 'plans.delete'
  | 'plans.run'
  | 'plans.preview'
  | 'plans.import'
  | 'plans.export'
  | 'plans.file'
  | 'plans.packages';

export const planHandlers: Pick<Handlers, Names> = {
  'plans.list': async (_, { history, scheduler }) =>
    history.plans.list().map((row) => scheduler.describe(row)),

  'plans.create': async (draft, context) => created(draft, context),

  'plans.update': async ({ planId, before: seen, ...draft }, context) => {
    const before = own(context.history.plans.get(planId), context);
    if (seen !== undefined && !isSame(seen, before.draft)) throw changedMeanwhile(before);
    return updated(before, draft, context);
  },

  'plans.delete': async ({ planId }, context) => {
    const { history, hub } = context;
    own(history.plans.get(planId), context);
    history.plans.delete(planId);
    hub.emit('plans.changed', {});
    return {};
  },

  'plans.run': async ({ planId }, { history, scheduler, sole, drives }) => {
    sole.take();
    // Where nothing is listened to for what comes and goes.
    await drives.refresh();
    return { runId: scheduler.begin(history.plans.get(planId)) };
  },

  'plans.preview': async ({ draft, planId, atMs, place }, context) => {
    checkExpressions(draft);
    const nowMs = context.nowMs();
    const { points, rules } = await existingAt(draft, planId, place, context);
    return outlookOf(draft.when, keptAt(draft, place), nowMs, atMs, points, rules);
  },

  'plans.import': async ({ text, format, name }, context) => {
    const drafts = await Promise.all(
      parsePlanFile(text, format, name).map((plan) => draftOf(plan, context)),
    );
    const known = new Map(context.history.plans.list().map((row) => [row.draft.name, row]));
    for (const { name: planName } of drafts) {
      const before = known.get(planName);
      if (before) own(before, context);
    }
    return drafts.map((draft) => {
      const before = known.get(draft.name);
      return before ? updated(before, draft, context) : created(draft, context);
    });
  },

  'plans.export': async ({ plans, format }) => ({ text: formatPlanFile(plans, format) }),

  'plans.file': async (_, { planFile }) => planFile.state,

  'plans.packages': async (_, { history, scheduler, runs, sole }) => {
    sole.take();
    const wanted = history.plans
      .list()
      .filter(({ draft }) => draft.enabled && draft.when.some((t) => t.every === 'packages'));
    const runIds = wanted.flatMap((plan) => scheduler.beginIfFree(plan, ['local']) ?? []);
    // The package manager waits for the snapshots, and for nothing else.
    await Promise.all(runIds.map((runId) => runs.ended(runId)));
    return { runIds };
  },
};

/** The parts stand in the order of the schema. */
function isSame(one: PlanDraft, other: PlanDraft): boolean {
  return JSON.stringify(PlanDraft.parse(one)) === JSON.stringify(PlanDraft.parse(other));
}

function changedMeanwhile({ draft }: PlanRow): Error {
  return conflict('plan-changed', say`"${{ name: draft.name }}" was changed elsewhere meanwhile.`, {
    hint: 'Open the plan again: it then shows that change, and yours can be made to it.',
  });
}

function created(draft: PlanDraft, { history, hub, nowMs, scheduler }: Context): Plan {
  checkExpressions(draft);
  const planId = randomUUID();
  history.plans.create(planId, draft, nowMs());
  hub.emit('plans.changed', {});
  return scheduler.describe(history.plans.get(planId));
}

function updated(
  { planId }: PlanRow,
  draft: PlanDraft,
  { history, hub, scheduler }: Context,
): Plan {
  checkExpressions(draft);
  history.plans.update(planId, draft);
  hub.emit('plans.changed', {});
  return scheduler.describe(history.plans.get(planId));
}

/** @throws Usage 'bad-plan' */
function checkExpressions({ when, name }: PlanDraft): void {
  const [first] = badExpressions(when);
  if (!first) return;
  const hint = 'Correct the expression; the plan is unchanged.';
  throw usage('bad-plan', say`"${{ name }}": ${{ reason: first.reason }}.`, {
    hint,
  });
}

/** @throws Conflict 'plan-in-file' for one that the plan file says how it is */
function own(row: PlanRow, { planFile }: Context): PlanRow {
  if (row.origin === 'person') return row;
  throw conflict('plan-in-file', say`"${{ name: row.draft.name }}" stands in the plan file.`, {
    hint: 'Change it there: it is read again at once.',
    place: { path: planFile.state.path ?? '' },
  });
}

/** The rules of a place; those of this computer when the target is gone from the draft. */
function keptAt({ keepLocal, targets }: PlanDraft, place: string): Retention {
  return targets.find((target) => targetKey(target) === place)?.keep ?? keepLocal;
}
