import { and, asc, eq, notInArray } from 'drizzle-orm';
import { conflict } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { LOCAL_PART, PlanDraft, type Plan, type PlanPart } from '../../shared/model/plan.ts';
import type { SubvolumeRef } from '../../shared/model/subvolume.ts';
import { targetKey } from '../../shared/model/plan-target.ts';
import type { Db } from './history.ts';
import { planParts, plans } from './schema.ts';

export interface PlanRow {
  readonly planId: string;
  readonly draft: PlanDraft;
  readonly origin: Plan['origin'];
  readonly createdAtMs: number;
  readonly lastRunId: string | null;
  readonly lastRunAtMs: number | null;
  /** 'local' first, then each target; one that never ran says so. */
  readonly parts: readonly PlanPart[];
}

/** Plans as they were saved, and how far each of their parts is. */
export class PlanHistory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  list(): PlanRow[] {
    const parts = Map.groupBy(this.#db.select().from(planParts).all(), (part) => part.planId);
    const rows = this.#db.select().from(plans).orderBy(asc(plans.createdAtMs)).all();
    return rows.flatMap((row) => asPlan(row, parts.get(row.planId) ?? []));
  }

  /** @throws Conflict 'plan-unknown' */
  get(planId: string): PlanRow {
    const plan = this.list().find((row) => row.planId === planId);
    if (!plan) throw unknown(planId);
    return plan;
  }

  create(
    planId: string,
    draft: PlanDraft,
    createdAtMs: number,
    origin: Plan['origin'] = 'person',
  ): void {
    const { enabled } = draft;
    this.#db.insert(plans).values({ planId, draft, enabled, origin, createdAtMs }).run();
  }

  /** @throws Conflict 'plan-unknown' */
  update(planId: string, draft: PlanDraft): void {
    const set = { draft, enabled: draft.enabled };
    const { changes } = this.#db.update(plans).set(set).where(eq(plans.planId, planId)).run();
    if (changes === 0) throw unknown(planId);
    const left = notInArray(planParts.key, partKeys(draft));
    this.#db
      .delete(planParts)
      .where(and(eq(planParts.planId, planId), left))
      .run();
  }

  /**
   * Plans whose source was replaced go on with what stands there now.
   * @param former undefined when it is gone: then a plan is known by the path.
   */
  follow(former: SubvolumeRef | undefined, now: SubvolumeRef & { readonly path: string }): void {
    const { volumeId, subvolumeId, path } = now;
    for (const { planId, draft } of this.list()) {
      const isIt = (source: PlanDraft['sources'][number]): boolean =>
        source.volumeId === volumeId &&
        source.subvolumeId !== subvolumeId &&
        (source.subvolumeId === former?.subvolumeId || (path !== '' && source.path === path));
      if (!draft.sources.some(isIt)) continue;
      const sources = draft.sources.map((source) =>
        isIt(source) ? { ...source, subvolumeId, path: source.path && path } : source,
      );
      this.update(planId, { ...draft, sources });
    }
  }

  delete(planId: string): void {
    this.#db.delete(plans).where(eq(plans.planId, planId)).run();
  }

  ran(planId: string, lastRunId: string, lastRunAtMs: number): void {
    this.#db.update(plans).set({ lastRunId, lastRunAtMs }).where(eq(plans.planId, planId)).run();
  }

  /** Records how one part is; a plan that was deleted meanwhile is passed over. */
  setPart(planId: string, part: PlanPart): void {
    const { key, ...set } = part;
    const isThere = this.#db.select().from(plans).where(eq(plans.planId, planId)).get();
    if (!isThere) return;
    this.#db
      .insert(planParts)
      .values({ planId, key, ...set })
      .onConflictDoUpdate({ target: [planParts.planId, planParts.key], set })
      .run();
  }
}

function partKeys(draft: PlanDraft): string[] {
  return [LOCAL_PART, ...draft.targets.map(targetKey)];
}

/** A plan of a form that this version does not know is left alone: it is no plan here. */
function asPlan(
  row: typeof plans.$inferSelect,
  known: readonly (typeof planParts.$inferSelect)[],
): PlanRow[] {
  const draft = PlanDraft.safeParse(row.draft);
  if (!draft.success) return [];
  const { planId, origin, createdAtMs, lastRunId, lastRunAtMs } = row;
  const parts = partKeys(draft.data).map((key): PlanPart => {
    const found = known.find((part) => part.key === key);
    if (!found) return { ...never, key, lastRunAtMs };
    const { lastGoodAtMs, retryAtMs, failures, waitsFor, error } = found;
    const ranAtMs = found.lastRunAtMs;
    return { key, lastRunAtMs: ranAtMs, lastGoodAtMs, retryAtMs, failures, waitsFor, error };
  });
  return [{ planId, draft: draft.data, origin, createdAtMs, lastRunId, lastRunAtMs, parts }];
}

const never = {
  lastGoodAtMs: null,
  retryAtMs: null,
  failures: 0,
  waitsFor: null,
  error: null,
} satisfies Partial<PlanPart>;

function unknown(planId: string): Error {
  return conflict('plan-unknown', say`There is no plan ${{ text: planId }}.`, {
    hint: 'It may have been deleted meanwhile; list the plans again.',
  });
}
