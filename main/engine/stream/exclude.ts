import ignore, { type Ignore } from 'ignore';

/** Whether a path below the top is left out. Directories are asked before what is in them. */
export type IsExcluded = (path: Uint8Array, isDirectory: boolean) => boolean;

/** `ignore` remembers every path that it was asked for: begin anew after so many. */
const PATHS_PER_MATCHER = 50_000;

/**
 * A test for paths by patterns of gitignore(5), relative to the top of the subvolume; undefined
 * when nothing is left out. Names that are not UTF-8 match by what is.
 */
export function excluder(patterns: readonly string[]): IsExcluded | undefined {
  if (patterns.length === 0) return undefined;
  let matcher = make(patterns);
  let asked = 0;
  return (path, isDirectory) => {
    if (++asked % PATHS_PER_MATCHER === 0) matcher = make(patterns);
    const text = Buffer.from(path.buffer, path.byteOffset, path.length).toString();
    return matcher.ignores(isDirectory ? `${text}/` : text);
  };
}

/** Without comments and lines that are blank. */
export function activePatterns(patterns: readonly string[]): string[] {
  return patterns.filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

function make(patterns: readonly string[]): Ignore {
  return ignore({ ignorecase: false, allowRelativePaths: true }).add([...patterns]);
}
