import { writeAll } from '../write-all.ts';

const STDOUT = 1;
const INDENT = '  ';
const BATCH = 1_000;

/**
 * Writes what `printJson` makes of an array, item by item: a million of them are no one string.
 * At once: what a stream is given stays in memory until the loop that gives it has ended.
 */
export class JsonList {
  readonly #batch: string[] = [];
  #isEmpty = true;

  add(item: unknown): void {
    const text = JSON.stringify(item, undefined, INDENT).replaceAll('\n', `\n${INDENT}`);
    this.#batch.push(`${this.#isEmpty ? '[' : ','}\n${INDENT}${text}`);
    this.#isEmpty = false;
    if (this.#batch.length >= BATCH) this.#write();
  }

  end(): void {
    this.#batch.push(this.#isEmpty ? '[]\n' : '\n]\n');
    this.#write();
  }

  #write(): void {
    writeAll(STDOUT, Buffer.from(this.#batch.join('')));
    this.#batch.length = 0;
  }
}
