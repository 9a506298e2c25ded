import { DendroError } from '../../../shared/errors.ts';
import type { Damage, Volume } from '../volume/index.ts';

export interface VerifyProgress {
  readonly blocks: number;
  readonly dataBytes: number;
}
export interface VerifyHooks {
  readonly onProgress?: (progress: VerifyProgress) => void;
}
export interface VerifyReport {
  /** Tree blocks that were read; with all their copies each counts once. */
  readonly blocks: number;
  /** File data held against checksums. */
  readonly dataBytes: number;
  /** File data that has no checksums. */
  readonly unverifiedBytes: number;
  /** Everything that was bad, up to a limit; without `healedBy` no copy is good. */
  readonly damages: readonly Damage[];
  readonly damagesLeftOut: number;
  /** Ids of devices that are not here: the copies on them were not looked at. */
  readonly missingDevices: readonly number[];
}

const DAMAGES_KEPT = 10_000;

/** Counts, and keeps what was found. */
export class Tally {
  readonly #volume: Volume;
  readonly #hooks: VerifyHooks;
  readonly #damages: Damage[] = [];
  /** Rows of stripes in which a block or data is bad itself. */
  readonly #badRows = new Set<number>();
  #leftOut = 0;
  #blocks = 0;
  #dataBytes = 0;
  #unverified = 0;

  constructor(volume: Volume, hooks: VerifyHooks) {
    this.#volume = volume;
    this.#hooks = hooks;
  }

  addBlock(): void {
    this.#blocks += 1;
    if (this.#blocks % 256 === 0) this.#tell();
  }
  addData(bytes: number): void {
    this.#dataBytes += bytes;
    this.#tell();
  }
  addUnverified(bytes: number): void {
    this.#unverified += bytes;
  }
  addDamages(damages: readonly Damage[]): void {
    for (const damage of damages) {
      if (this.#damages.length >= DAMAGES_KEPT) {
        this.#leftOut += 1;
        continue;
      }
      this.#damages.push(damage);
      const row = this.#rowOf(damage);
      if (row !== undefined && damage.reason !== 'parity') this.#badRows.add(row);
    }
  }
  addError(error: unknown): void {
    this.addDamages([{ ...damageOf(error, 0, 0), what: 'metadata', ...placeOf(error) }]);
  }
  /** Damage is written down, and the walk goes on. */
  guard<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.addError(error);
      return undefined;
    }
  }

  report(): VerifyReport {
    return {
      blocks: this.#blocks,
      dataBytes: this.#dataBytes,
      unverifiedBytes: this.#unverified,
      damages: this.#damages.filter((damage) => !this.#isConsequence(damage)),
      damagesLeftOut: this.#leftOut,
      missingDevices: missingDevices(this.#volume),
    };
  }

  /** A parity that does not fit because a stripe under it is bad is not bad itself. */
  #isConsequence(damage: Damage): boolean {
    if (damage.reason !== 'parity') return false;
    const row = this.#rowOf(damage);
    return row !== undefined && this.#badRows.has(row);
  }

  #rowOf({ what, logical }: Damage): number | undefined {
    const { chunks } = this.#volume;
    if (what === 'superblock' || chunks.map.find(logical) === undefined) return undefined;
    return chunks.rowOf(logical);
  }

  #tell(): void {
    this.#hooks.onProgress?.({ blocks: this.#blocks, dataBytes: this.#dataBytes });
  }
}

/** Of the devices that chunks lie on, those that are not here. */
export function missingDevices(volume: Volume): number[] {
  const missing = volume.chunks.map.chunks
    .flatMap(({ stripes }) => stripes)
    .filter((stripe) => volume.members.ofStripe(stripe) === undefined)
    .map(({ deviceId }) => deviceId);
  return [...new Set(missing)].sort((a, b) => a - b);
}

/** @throws what is no damage: Cancelled, a defect. */
export function damageOf(error: unknown, logical: number, lengthBytes: number): Damage {
  if (!(error instanceof DendroError) || error.kind === 'Cancelled' || error.kind === 'Bug')
    throw error;
  const { device, physical } = error.place;
  return {
    what: 'data',
    reason: error.code,
    device: device ?? '',
    physical: physical ?? 0,
    logical,
    lengthBytes,
  };
}

function placeOf(error: unknown): { logical: number; tree?: number } {
  const place = error instanceof DendroError ? error.place : {};
  return { logical: place.logical ?? 0, ...(place.tree !== undefined && { tree: place.tree }) };
}
