import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Seconds since 1970 that stand for "now" in all that is built, so that the same sources give
 * the same bytes: SOURCE_DATE_EPOCH (reproducible-builds.org/specs), else the last commit.
 */
export function sourceDate(top: string, environment: NodeJS.ProcessEnv): number {
  const given = environment['SOURCE_DATE_EPOCH'];
  if (given !== undefined && /^\d+$/.test(given)) return Number(given);
  const { stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: top });
  const committed = Number(stdout?.toString().trim() || Number.NaN);
  return Number.isInteger(committed)
    ? committed
    : Math.floor(statSync(join(top, 'package.json')).mtimeMs / 1_000);
}
