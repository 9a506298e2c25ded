import { planSend, send, type SendPlan, type SendRequest } from './send.ts';
import { CountingSink } from './stream/counting.ts';
import type { OutgoingHooks } from './stream/outgoing.ts';
import type { Subvolume } from './tree/index.ts';

/** So many candidates in a row that are worse than one before them: those after them will be, too. */
const ENOUGH_WORSE = 32;

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

export interface SmallestParent {
  /** Undefined: the full send is the smallest. */
  readonly best: Subvolume | undefined;
  /** In the order in which they were looked at; no size: larger than the best before it. */
  readonly sizes: readonly { parent: Subvolume | undefined; streamBytes: number | undefined }[];
}

/**
 * The candidate from which the stream is smallest, or none. A plan ends as soon as it is larger
 * than the best one so far, so that poor candidates and the full send cost little.
 * @param candidates the most likely first: of hundreds the last may not be looked at.
 * @throws what `send` throws.
 */
export function smallestParent(
  request: SendRequest,
  candidates: readonly Subvolume[],
  hooks: OutgoingHooks = {},
): SmallestParent {
  const sizes: { parent: Subvolume | undefined; streamBytes: number | undefined }[] = [];
  let best: Subvolume | undefined;
  let least = Infinity;
  let worse = 0;
  for (const parent of [...candidates, undefined]) {
    if (parent?.id === request.snapshot.id) continue;
    if (parent !== undefined && worse === ENOUGH_WORSE) continue;
    const streamBytes = sizeWithin({ ...request, parent, resumeFrom: 0 }, least, hooks);
    sizes.push({ parent, streamBytes });
    worse++;
    if (streamBytes === undefined || streamBytes >= least) continue;
    [best, least, worse] = [parent, streamBytes, 0];
  }
  return { best, sizes };
}

class TooLarge extends Error {}

function sizeWithin(
  request: SendRequest,
  limit: number,
  { cancel }: OutgoingHooks,
): number | undefined {
  const sink = new CountingSink(request.protocol ?? 1);
  const check = (): void => {
    cancel?.check();
    if (sink.bytes > limit) throw new TooLarge();
  };
  try {
    send(request, sink, { cancel: { check } });
    return sink.bytes;
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}
