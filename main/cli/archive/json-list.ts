import { OutputBatches } from '../output-batches.ts';

const INDENT = '  ';

/** Writes what `printJson` makes of an array, item by item: a million of them are no one string. */
export class JsonList {
  readonly #out = new OutputBatches();
  #isEmpty = true;

  add(item: unknown): void {
    const text = JSON.stringify(item, undefined, INDENT).replaceAll('\n', `\n${INDENT}`);
    this.#out.add(`${this.#isEmpty ? '[' : ','}\n${INDENT}${text}`);
    this.#isEmpty = false;
  }

  end(): void {
    this.#out.add(this.#isEmpty ? '[]\n' : '\n]\n');
    this.#out.end();
  }
}
