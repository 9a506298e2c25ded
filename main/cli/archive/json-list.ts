import { LineBatches } from '../output.ts';

const INDENT = '  ';

/** Writes what `printJson` makes of an array, item by item: a million of them are no one string. */
export class JsonList {
  readonly #lines = new LineBatches();
  #last: string | undefined;

  add(item: unknown): void {
    if (this.#last === undefined) this.#lines.add('[');
    else this.#lines.add(`${this.#last},`);
    const text = JSON.stringify(item, undefined, INDENT);
    this.#last = INDENT + text.replaceAll('\n', `\n${INDENT}`);
  }

  end(): void {
    if (this.#last === undefined) this.#lines.add('[]');
    else this.#lines.add(`${this.#last}\n]`);
    this.#lines.end();
  }
}
