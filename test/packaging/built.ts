import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { isBuilt } from '../../main/app/is-built.ts';

export const top = join(import.meta.dirname, '../..');

/** For hooks that may have to build first, on a busy machine. */
export const BUILD_MS = 600_000;

/** Sees to it that out/ is what the sources say; test files that run at a time build it once. */
export function ensureBuilt(): void {
  if (isBuilt(top)) return;
  const lock = join(top, 'node_modules/.build.lock');
  const build = `${process.execPath} ${join(import.meta.dirname, 'build-once.ts')}`;
  execFileSync('flock', [lock, 'sh', '-c', build], { cwd: top, stdio: ['ignore', 'pipe', 'pipe'] });
}
