/**
 * `npm run limits -- [--odd SEED] [test/send ... | anything that vitest takes]`: the tests, in a
 * copy of the sources in which every cache, window and batch holds next to nothing. What a test
 * with hundreds of folders or gigabytes of data would meet, the small ones meet then. With `--odd`
 * each limit is by chance as it is, tiny, or odd; `--odd SEED --fuzz SEEDS` plays random histories.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { oddLimits } from './odd.ts';
import { TINY, withLimits } from './tiny.ts';

/** The built program would be run in place of the sources. */
const LEFT = ['.git', 'node_modules', 'out', 'test-results'];
/** They hold the limits themselves. */
const OF_LIMITS = [
  'test/archive/segments.test.ts',
  'test/archive/shared-frames.test.ts',
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

const FUZZ = ['node', 'test/fuzz/send.ts', '--seeds'];

const top = join(import.meta.dirname, '../..');
const words = process.argv.slice(2);
const seed = valueOf('--odd');
const fuzz = valueOf('--fuzz');
const limits = seed === undefined ? TINY : oddLimits(Number(seed));
const copy = mkdtempSync(join(tmpdir(), 'dendro-limits-'));
try {
  for (const name of readdirSync(top)) {
    if (!LEFT.includes(name)) cpSync(join(top, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(top, 'node_modules'), join(copy, 'node_modules'));
  for (const [path, values] of Object.entries(limits)) {
    writeFileSync(join(copy, path), withLimits(top, path, values));
  }
  const command =
    fuzz === undefined
      ? testing(words)
      : [...FUZZ, fuzz, '--from', String(20 * Number(seed ?? '1'))];
  const [program, ...options] = command;
  const ran = spawnSync(program!, options, { cwd: copy, stdio: 'inherit' });
  process.exitCode = ran.status ?? 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function testing(chosen: readonly string[]): string[] {
  const tests = chosen.length > 0 ? chosen : USUAL.map((name) => `test/${name}`);
  const left = OF_LIMITS.flatMap((path) => ['--exclude', path]);
  const patience = ['--testTimeout=600000', '--hookTimeout=600000'];
  return ['vitest', 'run', ...tests, ...patience, ...left];
}

/** Of an option, which is taken out of the words. */
function valueOf(option: string): string | undefined {
  const at = words.indexOf(option);
  return at < 0 ? undefined : words.splice(at, 2)[1];
}
