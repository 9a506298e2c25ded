import { z } from 'zod';
import { ErrorModel } from '../model/basics.ts';
import { calls, type CallName } from './calls.ts';
import { events, type EventName } from './events.ts';

/** The frames of every carrier that speaks text: one JSON object a message. */
export const RequestMessage = z.strictObject({
  id: z.int().nonnegative(),
  call: z.enum(Object.keys(calls) as [CallName, ...CallName[]]),
  input: z.unknown(),
});
export type RequestMessage = z.infer<typeof RequestMessage>;

export const ReplyMessage = z.union([
  z.object({ id: z.int(), output: z.unknown() }),
  z.object({ id: z.int(), error: ErrorModel }),
]);
export type ReplyMessage = z.infer<typeof ReplyMessage>;

export const EventMessage = z.object({
  event: z.enum(Object.keys(events) as [EventName, ...EventName[]]),
  data: z.unknown(),
});
export type EventMessage = z.infer<typeof EventMessage>;

/** A request longer than this is refused before it is parsed. */
export const MAX_REQUEST_BYTES = 256 * 1024;
