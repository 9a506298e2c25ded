/** A look at the clock comes once in so many commands... */
const COMMANDS = 256;
/** ...or so many bytes of data (256 KiB), whichever is first: a slow sender's large ones are few. */
const BYTES_LIKE_A_COMMAND = 1024;

/**
 * When to look whether a checkpoint is due: often enough for a stream that comes slowly, and so
 * seldom that it costs nothing.
 */
export class ClockLooks {
  /** Behind the last look; a stream's first command counts, too. */
  #commands: number;

  /** @param commands that were applied before */
  constructor(commands: number) {
    this.#commands = commands % COMMANDS;
  }

  /** One more command has been applied, with so much data in it. */
  did(bytes: number): void {
    this.#commands += 1 + Math.floor(bytes / BYTES_LIKE_A_COMMAND);
  }

  get isDue(): boolean {
    return this.#commands >= COMMANDS;
  }

  looked(): void {
    this.#commands = 0;
  }
}
