import type { Conditions } from '../../../shared/model/plan.ts';
import { onAcPower } from '../../linux/power-supply.ts';
import type { Surroundings } from '../../plan/conditions.ts';
import { isMetered } from './metered.ts';
import { isPresenting } from './presenting.ts';

const LOOK_MS = 20_000;

export interface SurroundingsOptions {
  /** The conditions of the plans that are in force: what no plan asks for is not looked for. */
  readonly wanted: () => readonly Conditions[];
  readonly metered?: () => Promise<boolean>;
  readonly presenting?: () => Promise<boolean>;
}

/** What the conditions of plans are about; the message bus is asked ahead, not when it counts. */
export class SurroundingsWatch {
  readonly #options: SurroundingsOptions;
  #metered = false;
  #presenting = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SurroundingsOptions) {
    this.#options = options;
  }

  /** As of the last look. */
  get latest(): Surroundings {
    return { onAcPower: onAcPower(), metered: this.#metered, presenting: this.#presenting };
  }

  start(): void {
    this.#timer = setInterval(() => void this.look().catch(() => undefined), LOOK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** What cannot be known stands in no plan's way. Rejects when `wanted` throws. */
  async look(): Promise<void> {
    const { wanted, metered = isMetered, presenting = isPresenting } = this.#options;
    const conditions = wanted();
    const ask = async (isAsked: boolean, look: () => Promise<boolean>): Promise<boolean> =>
      isAsked && (await look().catch(() => false));
    [this.#metered, this.#presenting] = await Promise.all([
      ask(
        conditions.some(({ notMetered }) => notMetered),
        metered,
      ),
      ask(
        conditions.some(({ notPresenting }) => notPresenting),
        presenting,
      ),
    ]);
  }
}
