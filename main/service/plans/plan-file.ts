import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { conflict, toErrorData, type ErrorData } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import type { PlanDraft } from '../../../shared/model/plan.ts';
import { formatOf, parsePlanFile } from '../../plan/file/plan-file.ts';
import type { Context } from '../context.ts';
import { draftOf } from './file-draft.ts';
import { stderr } from '../../linux/stderr.ts';

export interface PlanFileState {
  readonly path: string | null;
  readonly readAtMs: number | null;
  /** Why it is not in force as it stands; the plans of before are. */
  readonly error: ErrorData | null;
}

/**
 * Follows the administrator's plan file: what it says is in force as soon as it is written. A
 * file with mistakes changes nothing; one that is gone takes its plans with it only when it was
 * emptied, for a disk that is not mounted is no reason to stop backing up.
 */
export class PlanFile {
  readonly #path: string | null;
  #seen = '';
  #state: PlanFileState;

  constructor(path: string | null) {
    this.#path = path;
    this.#state = { path, readAtMs: null, error: null };
  }

  get state(): PlanFileState {
    return this.#state;
  }

  /** Reads it again when it has changed. Never rejects. */
  async look(context: Context): Promise<void> {
    if (this.#path === null) return;
    const stamp = stampOf(this.#path);
    if (stamp === this.#seen) return;
    this.#seen = stamp;
    const readAtMs = context.nowMs();
    const before = this.#state.error;
    try {
      if (stamp === '') throw gone(this.#path);
      const plans = parsePlanFile(
        readFileSync(this.#path, 'utf8'),
        formatOf(this.#path),
        this.#path,
      );
      const drafts: PlanDraft[] = [];
      for (const plan of plans) drafts.push(await draftOf(plan, context));
      putInForce(drafts, context);
      this.#state = { path: this.#path, readAtMs, error: null };
    } catch (error) {
      const data = toErrorData(error);
      this.#state = { path: this.#path, readAtMs, error: data };
      // Once: what waits for a drive is looked at often.
      if (data.message !== before?.message) stderr.write(`${data.message} ${data.hint}\n`);
      // A source that was not mounted yet may be at the next look.
      if (['source-unknown', 'target-unknown'].includes(data.code)) this.#seen = '';
    }
    context.hub.emit('plans.changed', {});
  }
}

/** All or nothing: a plan of a person with the same name is in the way. */
function putInForce(drafts: readonly PlanDraft[], { history, nowMs }: Context): void {
  const rows = history.plans.list();
  const mine = new Map(
    rows.filter(({ origin }) => origin === 'file').map((row) => [row.draft.name, row]),
  );
  const taken = drafts.find(({ name }) =>
    rows.some((row) => row.origin === 'person' && row.draft.name === name),
  );
  if (taken) throw nameTaken(taken.name);
  for (const draft of drafts) {
    const before = mine.get(draft.name);
    mine.delete(draft.name);
    if (!before) history.plans.create(randomUUID(), draft, nowMs(), 'file');
    else if (!isDeepStrictEqual(before.draft, draft)) history.plans.update(before.planId, draft);
  }
  for (const { planId } of mine.values()) history.plans.delete(planId);
}

/** '' when it is not there. */
function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.mtimeMs} ${stat.size}` : '';
}

function gone(path: string): Error {
  return conflict('plan-file-gone', say`The plan file ${{ path }} is not there any more.`, {
    hint: 'Its plans stay in force; to end them write a file with plan = [].',
    place: { path },
  });
}

function nameTaken(name: string): Error {
  return conflict(
    'plan-name-taken',
    say`There is a plan "${{ name }}" that is not of the plan file.`,
    {
      hint: 'Remove that one with "dendro plan remove", or call one of them differently.',
    },
  );
}
