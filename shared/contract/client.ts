import { fromErrorData, ioError, type DendroError, type ErrorData } from '../errors.ts';
import type { CallInput, CallName, CallOutput } from './calls.ts';
import type { EventData, EventName } from './events.ts';

/** What every face of Dendro holds: callers cannot tell which carrier is behind it. */
export interface Client {
  call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>>;
  /** Returns what takes the listener off again. */
  on<N extends EventName>(event: N, listener: (data: EventData<N>) => void): () => void;
}

/** A two-way line of text messages: WebSocket, Electron IPC, a pipe. */
export interface Line {
  send(text: string): void;
}

/** A `Client` over a line; its owner feeds what arrives to `receive` and ends it with `close`. */
export interface LineClient extends Client {
  receive(text: string): void;
  /** Rejects every call that is under way. */
  close(reason?: DendroError): void;
}

interface Waiting {
  resolve(output: never): void;
  reject(error: DendroError): void;
}
type Listener = (data: never) => void;

/**
 * The service on the other side checks both directions by schema, so what arrives here is
 * taken at its word; text that is no message at all closes the line.
 */
export function createLineClient(line: Line): LineClient {
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<EventName, Set<Listener>>();
  let nextId = 1;
  let closed: DendroError | undefined;
  const close = (reason = lineClosed()): void => {
    closed = reason;
    for (const call of waiting.values()) call.reject(reason);
    waiting.clear();
  };
  return {
    call(name, input) {
      if (closed) return Promise.reject(closed);
      const id = nextId++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        line.send(JSON.stringify({ id, call: name, input }));
      });
    },
    on(event, listener) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set.add(listener));
      return () => set.delete(listener);
    },
    receive(text) {
      const message = parsed(text);
      if (!message) return close(lineBroken());
      if ('event' in message) return listeners.get(message.event)?.forEach((f) => f(message.data));
      // The service refuses the connection as such.
      if (message.id === 0 && message.error) return close(fromErrorData(message.error));
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) call?.reject(fromErrorData(message.error));
      else call?.resolve(message.output);
    },
    close,
  };
}

type Incoming =
  { event: EventName; data: never } | { id: number; output: never; error?: ErrorData };

function parsed(text: string): Incoming | undefined {
  try {
    const message = JSON.parse(text) as Incoming | null;
    return typeof message === 'object' && message !== null ? message : undefined;
  } catch {
    return undefined;
  }
}

function lineClosed(): DendroError {
  return ioError('service-gone', 'The Dendro service is not reachable.', {
    hint: 'Start it again with "dendro serve", or reopen the window.',
  });
}

function lineBroken(): DendroError {
  return ioError('service-answer', 'The Dendro service sent something that is no message.', {
    hint: 'Reload the page; the page and the service may be of different versions.',
  });
}
