import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What `npm run build` reads and the last of what it writes. */
const SOURCES = ['main', 'shared', 'renderer', 'packaging/build', 'package-lock.json'];
const RESULT = 'out/main/app/preload.cjs';

/** Whether out/ holds what the sources say: nothing in them is newer. */
export function isBuilt(top: string): boolean {
  const built = statSync(join(top, RESULT), { throwIfNoEntry: false });
  return built !== undefined && SOURCES.every((name) => newest(join(top, name)) <= built.mtimeMs);
}

function newest(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const below = readdirSync(path).map((name) => newest(join(path, name)));
  // The folder's own time tells of files that were removed.
  return Math.max(stat.mtimeMs, ...below);
}
