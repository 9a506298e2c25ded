import { z } from 'zod';
import { Id } from '../model/basics.ts';
import { Run } from '../model/run.ts';

/** What the service tells every client without being asked. */
export const events = {
  /** A run began, moved on (at most about ten times a second) or ended. */
  'run.changed': Run,
  /** Ask again: `volumes.list`, `subvolumes.list`, `points.list`. */
  'volumes.changed': z.object({}),
  /** Ask again: `plans.list`. */
  'plans.changed': z.object({}),
  /** A drive came, went, was mounted or unmounted. Ask again: `drives.list`. */
  'drives.changed': z.object({}),
  /** All that a run of the plan does has come to its end, however it ended. */
  'plan.ended': z.object({ planId: Id }),
  'settings.changed': z.object({}),
} as const;

export type EventName = keyof typeof events;
export type EventData<N extends EventName> = z.output<(typeof events)[N]>;
