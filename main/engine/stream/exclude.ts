import ignore, { type Ignore } from 'ignore';
import type { IsExcluded } from './visible-names.ts';

/** `ignore` remembers every path that it was asked for: begin anew after so many. */
const PATHS_PER_MATCHER = 50_000;

/**
 * A test for paths by patterns of gitignore(5), relative to the top of the subvolume. Names that
 * are not UTF-8 match by what is.
 */
export function excluder(patterns: readonly string[]): IsExcluded {
  let matcher = make(patterns);
  let asked = 0;
  return (path, isDirectory) => {
    if (++asked % PATHS_PER_MATCHER === 0) matcher = make(patterns);
    const text = Buffer.from(path.buffer, path.byteOffset, path.length).toString();
    return matcher.ignores(isDirectory ? `${text}/` : text);
  };
}

function make(patterns: readonly string[]): Ignore {
  return ignore({ ignorecase: false, allowRelativePaths: true }).add([...patterns]);
}
