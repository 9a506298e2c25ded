import type { EventData, EventName } from '../../shared/contract/events.ts';

export type Subscriber = <N extends EventName>(event: N, data: EventData<N>) => void;

/** Hands each event to everyone who listens. */
export class EventHub {
  readonly #subscribers = new Set<Subscriber>();

  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  emit<N extends EventName>(event: N, data: EventData<N>): void {
    for (const subscriber of this.#subscribers) subscriber(event, data);
  }
}
