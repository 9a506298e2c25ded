import { conflict, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { nextHash, type Progress } from './command-count.ts';

/**
 * How far a receive is within one subvolume's stream, and what an earlier run had applied of it.
 * A stream that comes whole again is passed over up to that place and compared by its hash; one
 * that a sender goes on with begins there.
 */
export class StreamPosition {
  /** Commands applied. */
  done = 0;
  /** Over their checksums, and the same one command earlier. */
  hash = 0;
  hashBefore = 0;
  #next = 0;
  #resumeFrom = 0;
  /** Commands before this one are passed over, `#expected` being their hash; 0 when that is done. */
  #skipTo = 0;
  #expected = 0;
  /** Over those that were passed over so far, and where they end. */
  #passed = 0;
  #passedTo = 0;

  /** The sender goes on at this command of the subvolume that comes next. */
  resume(fromCommand: number): void {
    this.#resumeFrom = fromCommand;
  }

  /**
   * Begins a subvolume of which an earlier run applied `found`. Returns the command to go on at,
   * 0 for the whole stream; `asksAdmits`: whether commands can be passed over.
   * @throws Conflict 'resume-mismatch' when the sender goes on at another place
   */
  begin({ commands, hash }: Progress, asksAdmits: boolean): number {
    const resumeFrom = this.#resumeFrom;
    this.#resumeFrom = 0;
    if (resumeFrom > 0 && commands !== resumeFrom) throw cannotResume(resumeFrom, commands);
    const goesOn = resumeFrom > 0 || (asksAdmits && commands > 1 && hash !== 0);
    this.#skipTo = goesOn && resumeFrom === 0 ? commands : 0;
    this.#expected = hash;
    this.done = goesOn ? commands : 1;
    this.hash = goesOn ? hash : 0;
    this.#passed = 0;
    this.#passedTo = 1;
    this.hashBefore = this.hash;
    this.#next = 0;
    return goesOn ? commands : 0;
  }

  /** Whether command `index` is to be applied. @throws Conflict 'leftover-differs' */
  admits(index: number, checksum: number): boolean {
    if (index < this.#skipTo) {
      this.#passed = nextHash(this.#passed, checksum);
      this.#passedTo = index + 1;
      return false;
    }
    this.end();
    this.#next = nextHash(this.hash, checksum);
    return true;
  }

  /** Commands of the earlier run are still passed over. */
  get isSkipping(): boolean {
    return this.#skipTo > 0;
  }

  /**
   * What is passed over ends here, as the subvolume does or what the earlier run had applied.
   * @throws Conflict 'leftover-differs' when that was another or more
   */
  end(): void {
    const isSame = this.#passedTo === this.#skipTo && this.#passed === this.#expected;
    if (this.isSkipping && !isSame) throw differs();
    this.#skipTo = 0;
  }

  /** The command has been applied. */
  advance(): void {
    this.done += 1;
    this.hashBefore = this.hash;
    this.hash = this.#next;
  }

  /** What is certain; while the last command's effect is held back, all but that one. */
  progress(isHeld: boolean): Progress {
    return isHeld
      ? { commands: this.done - 1, hash: this.hashBefore }
      : { commands: this.done, hash: this.hash };
  }
}

function differs(): DendroError {
  return conflict('leftover-differs', 'An interrupted receive of this name was of other data.', {
    hint: 'Run it again: what was left has been removed.',
  });
}

function cannotResume(wanted: number, found: number): DendroError {
  const message = say`The stream goes on at command ${{ wanted }}, but the target stands at ${{ found }}.`;
  return conflict('resume-mismatch', message, {
    hint: 'Ask the target for its place again, or send the whole stream.',
  });
}
