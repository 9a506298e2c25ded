/**
 * `npm run limits -- [test/send ... | anything that vitest takes]`: the tests, in a copy of the
 * sources in which every cache, window and batch holds next to nothing. What a test with hundreds
 * of folders or gigabytes of data would meet, the small ones meet then.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TINY, withTinyLimits } from './tiny.ts';

/** The built program would be run in place of the sources. */
const LEFT = ['.git', 'node_modules', 'out', 'test-results'];
/** They hold the limits themselves. */
const OF_LIMITS = [
  'test/archive/segments.test.ts',
  'test/engine/diff/expectation.test.ts',
  'test/engine/stream/lacking-names.test.ts',
  'test/engine/stream/read-ahead.test.ts',
  'test/engine/volume/nearby-data.test.ts',
  'test/receive/counted-kills.test.ts',
  'test/receive/folder-clones.test.ts',
  'test/receive/folder-replay.test.ts',
];
/** Of what is tested without a page. */
const USUAL = ['engine', 'send', 'receive', 'restore', 'archive', 'catalogue'];

const top = join(import.meta.dirname, '../..');
const copy = mkdtempSync(join(tmpdir(), 'dendro-limits-'));
try {
  for (const name of readdirSync(top)) {
    if (!LEFT.includes(name)) cpSync(join(top, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(top, 'node_modules'), join(copy, 'node_modules'));
  for (const path of Object.keys(TINY)) {
    writeFileSync(join(copy, path), withTinyLimits(top, path));
  }
  const chosen = process.argv.slice(2);
  const tests = chosen.length > 0 ? chosen : USUAL.map((name) => `test/${name}`);
  const options = ['--testTimeout=600000', '--hookTimeout=600000'];
  for (const path of OF_LIMITS) options.push('--exclude', path);
  const ran = spawnSync('vitest', ['run', ...tests, ...options], { cwd: copy, stdio: 'inherit' });
  process.exitCode = ran.status ?? 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
