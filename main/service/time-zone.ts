import { readlinkSync } from 'node:fs';

const LINK = '/etc/localtime';

/**
 * Has times go by the zone that the computer is set to now, also when that was changed while the
 * process runs: Node looks at it once, at the start. Where TZ says it, that holds (tzset(3)).
 */
export class TimeZone {
  readonly #environment: NodeJS.ProcessEnv;
  #zone: string;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
    this.#zone = zoneLink();
  }

  /** @returns whether the zone is another one than before. */
  follow(): boolean {
    const zone = zoneLink();
    if (zone === this.#zone || this.#environment['TZ'] !== undefined) return false;
    this.#zone = zone;
    // Node looks again when the variable is touched.
    delete this.#environment['TZ'];
    return true;
  }
}

/** Where the link leads, localtime(5); '' where there is none: times are UTC then. */
function zoneLink(): string {
  try {
    return readlinkSync(LINK);
  } catch {
    return '';
  }
}
