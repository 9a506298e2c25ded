import { print } from './print.ts';

const BATCH_CHARS = 65_536;

/** Text for stdout that comes piece by piece, written many pieces at a time. */
export class OutputBatches {
  #pieces: string[] = [];
  #chars = 0;

  add(piece: string): void {
    this.#pieces.push(piece);
    this.#chars += piece.length;
    if (this.#chars > BATCH_CHARS) this.end();
  }

  /** Writes what is left. @throws as print */
  end(): void {
    const text = this.#pieces.join('');
    [this.#pieces, this.#chars] = [[], 0];
    print(text);
  }
}
