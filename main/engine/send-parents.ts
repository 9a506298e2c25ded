import { planSend, type SendPlan, type SendRequest } from './send.ts';
import type { OutgoingHooks } from './stream/outgoing.ts';
import type { Subvolume } from './tree/index.ts';

export interface ParentPlan {
  /** Undefined: a full send. */
  readonly parent: Subvolume | undefined;
  readonly plan: SendPlan;
}

/**
 * Plans a send from each candidate and a full one, the smallest stream first. Where streams are
 * equally large, the candidate that was named first.
 * @param candidates snapshots that the receiver has, unchanged; each is read-only.
 * @throws what `send` throws.
 */
export function planParents(
  request: SendRequest,
  candidates: readonly Subvolume[],
  hooks: OutgoingHooks = {},
): ParentPlan[] {
  const whole: SendRequest = { ...request, parent: undefined };
  const plans = candidates
    .filter(({ id }) => id !== request.snapshot.id)
    .map((parent): ParentPlan => ({ parent, plan: planSend({ ...whole, parent }, hooks) }));
  plans.push({ parent: undefined, plan: planSend(whole, hooks) });
  return plans.sort((a, b) => a.plan.streamBytes - b.plan.streamBytes);
}
