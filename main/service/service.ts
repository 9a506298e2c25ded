import type { DendroError } from '../../shared/errors.ts';
import type { z } from 'zod';
import { reasonAt, reasonOf } from '../../shared/model/reasons.ts';
import { say } from '../../shared/said.ts';
import { usage } from '../../shared/errors.ts';
import { calls, type CallName, type CheckedInput } from '../../shared/contract/calls.ts';
import type { Client } from '../../shared/contract/client.ts';
import { historyTrouble } from '../history/trouble.ts';
import { createContext, type Context, type ServiceOptions } from './context.ts';
import { EventHub, type Subscriber } from './event-hub.ts';
import { handlers } from './handlers/index.ts';
import type { Scheduler } from './plans/scheduler.ts';

export type { ServiceOptions } from './context.ts';

/** The one service behind every face; carriers hold this and nothing else. */
export interface Service {
  /** Carries one call out; the input is checked by its schema. Rejects with a `DendroError`. */
  call(name: CallName, input: unknown): Promise<unknown>;
  /** Hands every event on; returns what ends that. */
  subscribe(subscriber: Subscriber): () => void;
  /** Cancels the runs, waits for them, and lets go of devices and history; once. */
  close(): Promise<void>;
}

/** One that is carried out in this process. */
export interface LocalService extends Service {
  readonly scheduler: Pick<Scheduler, 'look' | 'idle'>;
}

export function createService(options: ServiceOptions): LocalService {
  const hub = new EventHub();
  const context = createContext(options, hub);
  let isOpen = true;
  let closing: Promise<void> | undefined;
  // One that lives long is ready before a page asks. Whoever asks first meets the same trouble.
  if (options.carrier !== 'in-process') {
    setImmediate(() => void getReady(context, () => isOpen).catch(() => undefined));
  }
  return {
    async call(name, input) {
      const schema = calls[name].input;
      const checked = schema.safeParse(input ?? {});
      if (!checked.success) throw badInput(name, checked.error.issues);
      const handler = handlers[name] as (
        input: CheckedInput<CallName>,
        context: unknown,
      ) => Promise<unknown>;
      try {
        return await handler(checked.data, context);
      } catch (error) {
        throw historyTrouble(error, options.historyPath) ?? error;
      }
    },
    subscribe: (subscriber) => hub.subscribe(subscriber),
    scheduler: context.scheduler,
    close: () => {
      isOpen = false;
      return (closing ??= context.close());
    },
  };
}

/** Threads run, volumes are looked at, points are read; then what Home asks is asked once. */
async function getReady(context: Context, isOpen: () => boolean): Promise<void> {
  if (!isOpen()) return;
  await Promise.all([context.points.look(), context.history.points.readAhead(isOpen)]);
  if (isOpen()) await handlers['sources.list']({ pointsEach: 1 }, context);
}

/** A `Client` in the same process, for the CLI and for tests. */
export function inProcessClient(service: Service): Client {
  return {
    call: (name, input) => service.call(name, input) as never,
    on: (event, listener) =>
      service.subscribe((name, data) => {
        if ((name as string) === event) listener(data as never);
      }),
  };
}

function badInput(name: CallName, issues: readonly z.core.$ZodIssue[]): DendroError {
  const first = issues[0]!;
  const reason = reasonAt(first.path, reasonOf(first));
  return usage(
    'bad-input',
    say`The call ${{ name }} cannot take what it was given: ${{ reason }}.`,
    {
      hint: 'The page and the service may be of different versions: reload the page.',
    },
  );
}
