import type { EventData, EventName } from '../../shared/contract/events.ts';
import type { OpenedService } from '../service/open-service.ts';
import type { Subscriber } from '../service/event-hub.ts';
import type { Service } from '../service/service.ts';

/** What pages ask again when another service has taken the place of the one before. */
const REFRESH = ['volumes.changed', 'plans.changed', 'drives.changed', 'settings.changed'] as const;
const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000] as const;

export interface BackendOptions {
  readonly open: () => Promise<OpenedService>;
  /** The service has ended by itself; it is looked for again. */
  readonly onLost: () => void;
  readonly onBack: () => void;
}

/**
 * The service behind all windows, though it changes: a daemon that ended and came back, or the
 * helper that the user unlocked. Subscribers stay; pages are told to ask again.
 */
export class Backend implements Service {
  readonly #options: BackendOptions;
  readonly #subscribers = new Set<Subscriber>();
  #current: OpenedService;
  #unsubscribe: () => void = () => undefined;
  #isClosed = false;

  private constructor(options: BackendOptions, opened: OpenedService) {
    this.#options = options;
    this.#current = opened;
    this.#adopt(opened);
  }

  static async open(options: BackendOptions): Promise<Backend> {
    return new Backend(options, await options.open());
  }

  get isDaemon(): boolean {
    return this.#current.isDaemon;
  }

  call(...[name, input]: Parameters<Service['call']>): Promise<unknown> {
    return this.#current.service.call(name, input);
  }

  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  /** Another service from now on; the one before is closed. */
  async replace(next: OpenedService): Promise<void> {
    const before = this.#current;
    this.#adopt(next);
    for (const event of REFRESH) this.#tell(event, {});
    await before.service.close().catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unsubscribe();
    await this.#current.service.close();
  }

  #adopt(opened: OpenedService): void {
    this.#unsubscribe();
    this.#current = opened;
    this.#unsubscribe = opened.service.subscribe((event, data) => this.#tell(event, data));
    opened.onGone(() => {
      if (!this.#isClosed && this.#current === opened) void this.#findAgain();
    });
  }

  async #findAgain(): Promise<void> {
    this.#options.onLost();
    for (let tries = 0; !this.#isClosed; tries++) {
      await new Promise((resolve) =>
        setTimeout(resolve, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]),
      );
      const next = await this.#options.open().catch(() => undefined);
      if (next === undefined) continue;
      if (this.#isClosed) return next.service.close();
      await this.replace(next);
      return this.#options.onBack();
    }
  }

  #tell<N extends EventName>(event: N, data: EventData<N>): void {
    for (const subscriber of this.#subscribers) subscriber(event, data);
  }
}
