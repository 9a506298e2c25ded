const MAX_KEY = 4;
const NONE: readonly number[] = [];

/**
 * Which patterns of gitignore(5) a name could be matched by, so that of thousands just a few are
 * tried: the last part of a pattern must fit the last part of a path. Here is told what cannot
 * match; what may is for the library to say.
 */
export class ExcludeCandidates {
  /** Indices of patterns that match one name only. */
  readonly #literal = new Map<string, number[]>();
  /** By what a name begins or ends with, up to `MAX_KEY` of its letters. */
  readonly #beginnings = new Map<string, number[]>();
  readonly #endings = new Map<string, number[]>();
  /** Those that may match any name. */
  readonly #any: number[] = [];

  constructor(patterns: readonly string[]) {
    for (const [i, pattern] of patterns.entries()) this.#add(pattern, i);
  }

  /** @returns indices of patterns, in descending order. */
  of(name: string): readonly number[] {
    const found = [...this.#any, ...(this.#literal.get(name) ?? NONE)];
    for (let length = 1; length <= Math.min(MAX_KEY, name.length); length++) {
      if (this.#beginnings.size > 0) add(this.#beginnings.get(name.slice(0, length)), found);
      if (this.#endings.size > 0) add(this.#endings.get(name.slice(-length)), found);
    }
    return found.length > 1 ? found.sort((a, b) => b - a) : found;
  }

  #add(pattern: string, i: number): void {
    const last = /([^/]*)\/?$/.exec(pattern.replace(/^!/, ''))![1]!;
    const [, beginning, ending] = /^([^*?[]*).*?([^*?\]]*)$/.exec(last)!;
    if (/[\\\s]|\*\*/.test(last) || last === '') this.#any.push(i);
    else if (!/[*?[\]]/.test(last)) append(this.#literal, last, i);
    else if (ending !== '' && !last.includes('['))
      append(this.#endings, ending!.slice(-MAX_KEY), i);
    else if (beginning !== '') append(this.#beginnings, beginning!.slice(0, MAX_KEY), i);
    else this.#any.push(i);
  }
}

/** One at a time: there may be more than a call takes arguments. */
function add(list: readonly number[] = NONE, to: number[]): void {
  for (const i of list) to.push(i);
}

function append(lists: Map<string, number[]>, key: string, i: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [i]);
  else list.push(i);
}
