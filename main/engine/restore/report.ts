import { pathText } from '../../linux/libc-error.ts';
import type { Note } from '../../../shared/said.ts';
import { LossReport, type Loss } from '../sink/loss-report.ts';
import { DamageList, type DamagedPart } from './damage-list.ts';
import type { Staging } from './staging.ts';

/** How much there was of everything; kept when all is staged, for whoever goes on from there. */
export interface Counts {
  readonly files: number;
  readonly bytes: number;
  /** Of `bytes`: shared with the snapshot, not written. */
  readonly sharedBytes: number;
  readonly lossCount: number;
  /** Of these: files that the target could not take at all. */
  readonly filesLeftOut: number;
  readonly damageCount: number;
}

type Troubles = Pick<Counts, 'lossCount' | 'filesLeftOut' | 'damageCount'>;

/**
 * What a restore could not do, told at its end. It is written into the journal as it is met: a run
 * that goes on after a kill does not look at what is made already, and tells of it all the same.
 */
export class RestoreReport {
  readonly damages: DamageList;
  readonly #staging: Staging;
  readonly #losses = new LossReport();
  /** Lines of the losses so far: what is done once more is not told twice. */
  readonly #told = new Set<string>();

  constructor(staging: Staging) {
    this.#staging = staging;
    const { losses, damages, patched, ready } = staging;
    for (const loss of losses) this.#take(loss);
    this.damages = new DamageList({ parts: damages, patched }, (note) => staging.note(note));
    if (ready === undefined) return;
    this.#losses.count = ready.counts.lossCount;
    // A journal of an earlier version does not know.
    this.#losses.filesLeftOut = ready.counts.filesLeftOut ?? this.#losses.filesLeftOut;
    this.damages.count = ready.counts.damageCount;
  }

  /** @param path of what is made, perhaps where it is staged. */
  readonly onLoss = (path: Uint8Array, what: Note): void => {
    const loss = { path: pathText(this.#staging.placeOf(path)), what };
    if (this.#take(loss)) this.#staging.note({ loss });
  };

  get counts(): Troubles {
    const { count, filesLeftOut } = this.#losses;
    return { lossCount: count, filesLeftOut, damageCount: this.damages.count };
  }

  get told(): {
    readonly losses: readonly Loss[];
    readonly damages: readonly DamagedPart[];
  } & Troubles {
    return { losses: this.#losses.entries, damages: this.damages.parts, ...this.counts };
  }

  /** Whether it is new, and one of those that are kept word for word. */
  #take(loss: Loss): boolean {
    const line = JSON.stringify(loss);
    if (this.#told.has(line)) return false;
    const isKept = this.#losses.take(loss) !== undefined;
    if (isKept) this.#told.add(line);
    return isKept;
  }
}
