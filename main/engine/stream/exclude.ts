import ignore, { type Ignore } from 'ignore';
import { ExcludeCandidates } from './exclude-candidates.ts';

/** Whether a path below the top is left out. Directories are asked before what is in them. */
export type IsExcluded = (path: Uint8Array, isDirectory: boolean) => boolean;

/** `ignore` remembers every path that it was asked for: begin anew after so many. */
const PATHS_PER_MATCHER = 50_000;

/**
 * A test for paths by patterns of gitignore(5), relative to the top of the subvolume; undefined
 * when nothing is left out. Names that are not UTF-8 match by what is. It is asked of nothing
 * below what is left out.
 */
export function excluder(patterns: readonly string[]): IsExcluded | undefined {
  if (patterns.length === 0) return undefined;
  const rules = new Rules(patterns);
  return (path, isDirectory) => rules.exclude(textOf(path, isDirectory));
}

/** The same of paths that nobody has come down to: what is below a match is matched, too. */
export function matcher(patterns: readonly string[]): IsExcluded {
  let all = make(patterns);
  let asked = 0;
  return (path, isDirectory) => {
    if (++asked % PATHS_PER_MATCHER === 0) all = make(patterns);
    return all.ignores(textOf(path, isDirectory));
  };
}

/** Without comments and lines that are blank. */
export function activePatterns(patterns: readonly string[]): string[] {
  return patterns.filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

class Rules {
  readonly #patterns: readonly string[];
  readonly #candidates: ExcludeCandidates;
  readonly #single = new Map<number, Ignore>();
  #all: Ignore | undefined;
  #asked = 0;

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns;
    this.#candidates = new ExcludeCandidates(patterns);
  }

  /** The last pattern that matches says what holds. */
  exclude(path: string): boolean {
    const slash = path.lastIndexOf('/', path.length - 2);
    const candidates = this.#candidates.of(path.slice(slash + 1).replace(/\/$/, ''));
    if (candidates.length === 0) return false;
    this.#forgetAtTimes(candidates.length);
    for (const i of candidates) {
      const rule = this.#rule(i);
      const { ignored, unignored } = rule.test(path);
      if (unignored) return false;
      if (!ignored) continue;
      // By itself, or because of a directory above, which another pattern has taken back?
      const isByItself = slash < 0 || !rule.ignores(path.slice(0, slash + 1));
      return isByItself || (this.#all ??= make(this.#patterns)).ignores(path);
    }
    return false;
  }

  #rule(i: number): Ignore {
    let rule = this.#single.get(i);
    if (rule === undefined) this.#single.set(i, (rule = make([this.#patterns[i]!])));
    return rule;
  }

  #forgetAtTimes(asking: number): void {
    this.#asked += asking;
    if (this.#asked < PATHS_PER_MATCHER) return;
    this.#asked = 0;
    this.#single.clear();
    this.#all = undefined;
  }
}

/** As `ignore` wants it: a directory ends with a slash. */
function textOf(path: Uint8Array, isDirectory: boolean): string {
  const text = Buffer.from(path.buffer, path.byteOffset, path.length).toString();
  return isDirectory ? `${text}/` : text;
}

function make(patterns: readonly string[]): Ignore {
  return ignore({ ignorecase: false, allowRelativePaths: true }).add([...patterns]);
}
