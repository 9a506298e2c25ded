import ignore from 'ignore';
import { walkTree } from '../harness/walk.ts';

/** Sets of patterns over the few names that `RandomTree` uses. */
export const PATTERNS: readonly (readonly string[])[] = [
  ['a'],
  ['/b', 'c/'],
  ['d/*', '!d/e'],
  ['**/f/g', '/h/**', 'l*'],
  ['[ab]', '!/a/', 'o257-*'],
  ['*', '!*/', '!c', '!d'],
];

/** Which paths of a tree, escaped for people, are left out: by the library alone, all at once. */
export function leftOut(top: string, patterns: readonly string[]): (path: string) => boolean {
  const matcher = ignore({ ignorecase: false, allowRelativePaths: true }).add([...patterns]);
  const prefix = Buffer.byteLength(top) + 1;
  const found = new Set<string>();
  for (const { path, absolute, kind } of walkTree(top)) {
    if (path === '') continue;
    const text = absolute.subarray(prefix).toString();
    if (matcher.ignores(kind === 'directory' ? `${text}/` : text)) found.add(path);
  }
  return (path) => found.has(path);
}
