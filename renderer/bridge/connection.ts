import { createLineClient, type Client, type LineClient } from '../../shared/contract/client.ts';
import type { CallInput, CallName, CallOutput } from '../../shared/contract/calls.ts';
import type { EventData, EventName } from '../../shared/contract/events.ts';
import { ioError } from '../../shared/errors.ts';

export type ConnectionState = 'connecting' | 'ready' | 'gone';

/** A line that is open, or says that it closed. */
export interface Carrier {
  open(hooks: { opened(): void; received(text: string): void; closed(): void }): OpenLine;
}
export interface OpenLine {
  send(text: string): void;
  close(): void;
}

/** A client that outlives its line: when the line closes it is opened again, listeners stay. */
export interface Connection extends Client {
  readonly state: ConnectionState;
  onState(listener: () => void): () => void;
  /** Opens the line now instead of after the next pause. */
  retry(): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** A call made while the line is being opened waits this long for it. */
const PATIENCE_MS = 5_000;

export function connect(carrier: Carrier): Connection {
  return new ReopeningConnection(carrier);
}

class ReopeningConnection implements Connection {
  state: ConnectionState = 'connecting';
  readonly #carrier: Carrier;
  /** Each puts one listener onto a line that was opened. */
  readonly #listeners = new Set<(client: LineClient) => void>();
  readonly #stateListeners = new Set<() => void>();
  #client: LineClient | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
    this.#open();
  }

  async call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
    if (this.state === 'connecting') await this.#settled();
    if (this.state !== 'ready' || !this.#client) throw gone();
    return this.#client.call(name, input);
  }

  on<N extends EventName>(event: N, listener: (data: EventData<N>) => void): () => void {
    let off = (): void => undefined;
    const attach = (client: LineClient): void => {
      off = client.on(event, listener);
    };
    this.#listeners.add(attach);
    if (this.#client) attach(this.#client);
    return () => {
      this.#listeners.delete(attach);
      off();
    };
  }

  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  retry(): void {
    if (this.state !== 'gone') return;
    clearTimeout(this.#timer);
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#open();
  }

  #open(): void {
    const line = this.#carrier.open({
      opened: () => {
        this.#pauseMs = FIRST_PAUSE_MS;
        this.#become('ready');
      },
      received: (text) => client.receive(text),
      closed: () => {
        client.close();
        this.#become('gone');
        this.#timer = setTimeout(() => this.#open(), this.#pauseMs);
        this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
      },
    });
    const client = createLineClient(line);
    for (const attach of this.#listeners) attach(client);
    this.#client = client;
  }

  #become(state: ConnectionState): void {
    this.state = state;
    for (const listener of [...this.#stateListeners]) listener();
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => {
      const off = this.onState(() => done());
      const timer = setTimeout(() => done(), PATIENCE_MS);
      const done = (): void => {
        clearTimeout(timer);
        off();
        resolve();
      };
    });
  }
}

function gone(): Error {
  return ioError('service-gone', 'The Dendro service is not reachable.', {
    hint: 'Start it again with "dendro serve", or reopen the window.',
  });
}
