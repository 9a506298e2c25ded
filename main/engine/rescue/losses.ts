import { DendroError, ioError, noteOfError } from '../../../shared/errors.ts';
import { noted, say, type Note } from '../../../shared/said.ts';
import { forPeople } from '../tree/index.ts';
import { reasonOf } from './salvage.ts';

/** Something that did not come out, or not whole. */
export interface Loss {
  /** From the subvolume's top. */
  readonly path: Uint8Array;
  readonly inode: number;
  readonly what: 'data' | 'file' | 'directory' | 'properties' | 'map' | 'special';
  readonly reason: Note;
  /** For `data`: the bytes that are zeros in the copy. */
  readonly offset?: number;
  readonly lengthBytes?: number;
}

const MOST_KEPT = 100_000;

/** What did not come out of a copy; it goes on past all of these. */
export class Losses {
  readonly #kept: Loss[] = [];
  #leftOut = 0;

  get kept(): readonly Loss[] {
    return this.#kept;
  }
  /** So many more were not kept. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** What cannot be read is a loss of this kind. @throws Cancelled. */
  guard<T>(path: Uint8Array, inode: number, what: Loss['what'], work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.lose(path, inode, what, reasonOf(error));
      return undefined;
    }
  }

  /**
   * What the target refuses by name is a loss; that it is full or gone ends the copy.
   * @throws Io `rescue-target-failed`, Conflict, Cancelled.
   */
  write(path: Uint8Array, inode: number, work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      if (error instanceof DendroError) {
        if (error.kind === 'Conflict') throw error;
        this.lose(path, inode, 'file', reasonOf(error));
        return false;
      }
      const { code, message } = error as NodeJS.ErrnoException;
      if (path.length > 0 && (code === 'EEXIST' || code === 'ENAMETOOLONG' || code === 'EINVAL')) {
        this.lose(path, inode, 'file', noteOfError(error));
        return false;
      }
      const name = path.length === 0 ? noted('the-target', 'the target') : forPeople(path);
      throw ioError(
        'rescue-target-failed',
        say`Writing ${{ name }} failed: ${{ reason: message }}.`,
        {
          hint: 'Make room or choose another folder; it must be new.',
          place: { path: forPeople(path) },
          cause: error,
        },
      );
    }
  }

  lose(path: Uint8Array, inode: number, what: Loss['what'], reason: Note): void {
    this.add({ path, inode, what, reason });
  }
  add(loss: Loss): void {
    if (this.#kept.length < MOST_KEPT) this.#kept.push(loss);
    else this.#leftOut += 1;
  }
}
