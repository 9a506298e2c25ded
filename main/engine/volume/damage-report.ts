import type { DendroError } from '../../../shared/errors.ts';
import type { Place } from './chunk-reader.ts';
import type { Damage, DataOwner } from './damage.ts';

/** Tells of what was healed on the way: of data with whose it is, while that is known. */
export class DamageReport {
  readonly #told: ((damage: Damage) => void) | undefined;
  readonly #isCurrent: () => boolean;
  #owner: DataOwner | undefined;
  #ownerLogical = 0;

  /** @param isCurrent false: the volume has moved on, and what looks bad may have been reused. */
  constructor(told: ((damage: Damage) => void) | undefined, isCurrent: () => boolean) {
    this.#told = told;
    this.#isCurrent = isCurrent;
  }

  /** What is read from now on, from `logical`, is data of `owner`. */
  begin(owner: DataOwner | undefined, logical: number): void {
    this.#owner = owner;
    this.#ownerLogical = logical;
  }

  end(): void {
    this.#owner = undefined;
  }

  tell(damage: Damage): void {
    if (this.#told === undefined) return;
    const owned = this.#ownedBy(damage);
    this.#told(this.#isCurrent() ? owned : { ...owned, uncertain: true });
  }

  #ownedBy(damage: Damage): Damage {
    if (this.#owner === undefined || damage.what !== 'data') return damage;
    const { tree, inode, offset, isPlain } = this.#owner;
    const within = isPlain ? damage.logical - this.#ownerLogical : 0;
    return { ...damage, tree, inode, offset: offset + within };
  }
}

/** A copy that could not be read, in place of which another was. */
export function failedRead(
  logical: number,
  lengthBytes: number,
  { device, physical }: Place,
  error: DendroError,
  good: Place,
): Damage {
  return {
    what: 'data',
    reason: error.code,
    device,
    physical,
    logical,
    lengthBytes,
    healedBy: good.by,
    goodDevice: good.device,
    goodPhysical: good.physical,
  };
}
