import { writeAll } from '../write-all.ts';

const STDOUT = 1;
const BATCH_CHARS = 65_536;

/**
 * Text for stdout that comes piece by piece, written many at a time and at once: what
 * `process.stdout` is given for a pipe stays in memory until the loop that gives it has ended.
 */
export class OutputBatches {
  #pieces: string[] = [];
  #chars = 0;

  add(piece: string): void {
    this.#pieces.push(piece);
    this.#chars += piece.length;
    if (this.#chars > BATCH_CHARS) this.end();
  }

  /** Writes what is left. @throws as writeAll */
  end(): void {
    const text = this.#pieces.join('');
    [this.#pieces, this.#chars] = [[], 0];
    writeAll(STDOUT, Buffer.from(text));
  }
}
