import { toErrorData, type DendroError } from '../../shared/errors.ts';

export interface BackgroundOptions {
  /** The typed error of what went wrong, where it has one of its own. */
  readonly explain: (error: unknown) => DendroError | undefined;
  /** For the log of whoever started the service. */
  readonly failed: (text: string) => void;
}

/**
 * What the service does of itself, for nobody who waits: at a time, or because a drive came. What
 * goes wrong there (a history that is locked, a disk that is full) is told and tried at the next
 * occasion; it must not end a service that others rely on. After `close` nothing is begun.
 */
export class Background {
  readonly #options: BackgroundOptions;
  /** What was told last of each thing: the same is not told again at each look. */
  readonly #told = new Map<string, string>();
  #isClosed = false;

  constructor(options: BackgroundOptions) {
    this.#options = options;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** @param what names the thing for the log: 'Looking for what is due'. Never throws. */
  run(what: string, work: () => unknown): void {
    if (this.#isClosed) return;
    const done = async (): Promise<void> => {
      await work();
      this.#told.delete(what);
    };
    done().catch((error: unknown) => this.#tell(what, error));
  }

  #tell(what: string, error: unknown): void {
    // A service that is closing cuts off what is under way.
    if (this.#isClosed) return;
    const { message } = toErrorData(this.#options.explain(error) ?? error);
    if (this.#told.get(what) === message) return;
    this.#told.set(what, message);
    this.#options.failed(`${what} failed: ${message}`);
  }
}
