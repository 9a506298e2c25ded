/**
 * `npm test`: installs what the tests need, checks, builds, runs every test and ends with one
 * line, `N passed, N failed, N skipped`. With arguments it runs only vitest with them.
 */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Arch } from '../packaging/build/architecture.ts';
import { layStandalone } from '../packaging/build/program-tree.ts';
import {
  add,
  honest,
  nothing,
  playwrightCounts,
  playwrightFailures,
  showCounts,
  skipReasons,
  vitestCounts,
  vitestFailures,
  type Counts,
} from './runner/counts.ts';
import { sweep, sweepOfTheDead } from './runner/leftovers.ts';
import { installMissing, testTools } from './runner/system-packages.ts';

const root = join(import.meta.dirname, '..');
sweepOfTheDead(tmpdir());
const temporary = mkdtempSync(join(tmpdir(), `dendro-${process.pid}-`));
// Tests become other users, who must get through to what is theirs.
chmodSync(temporary, 0o711);
// Hundreds of processes and threads read the same TypeScript: it is stripped and compiled once.
process.env['NODE_COMPILE_CACHE'] = join(temporary, 'compiled');
// What this machine's own Dendro remembers is neither read nor added to.
process.env['DENDRO_STATE'] ??= join(temporary, 'state');
// A terminal's Ctrl-C reaches the children too: they clean up, and then it is our turn.
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => (isInterrupted = true));

/** Named again at the end: of a long run, often only the last lines are at hand. */
const failures: string[] = [];

const checks: readonly (readonly [name: string, ...command: string[]])[] = [
  ['format', 'prettier', '--check', '.'],
  ['lint', 'eslint', '.'],
  ['types', 'tsc', '-p', '.'],
  ['types of the page', 'tsc', '-p', 'renderer'],
  ['build', 'npm', 'run', '--silent', 'build'],
];

async function main(): Promise<Counts> {
  const only = process.argv.slice(2);
  const missing = await installMissing(testTools);
  if (only.length > 0) return vitest(only);
  let total = nothing;
  for (const [name, ...command] of checks) {
    const counts = await check(name, command);
    if (name === 'build' && counts.failed === 0) process.env['DENDRO_LAUNCHER'] = installed();
    total = add(total, counts);
  }
  total = add(total, await vitest([]));
  total = add(total, await playwright(missing));
  return total;
}

async function check(name: string, command: readonly string[]): Promise<Counts> {
  const succeeded = await step(name, command);
  if (!succeeded) failures.push(name);
  return succeeded ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 };
}

/** Lays out what was built as a package installs it: it starts in half the time of the sources. */
function installed(): string {
  const folder = join(temporary, 'installed');
  layStandalone(root, folder, process.arch as Arch);
  return join(folder, 'bin/dendro');
}

async function vitest(args: readonly string[]): Promise<Counts> {
  const report = join(temporary, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const succeeded = await step('tests', ['vitest', 'run', ...reporters, ...args]);
  for (const [reason, count] of skipReasons(report)) console.log(`${count} skipped: ${reason}`);
  failures.push(...vitestFailures(report));
  return honest(vitestCounts(report), succeeded);
}

async function playwright(missing: readonly string[]): Promise<Counts> {
  if (missing.includes('chromium') && process.getuid?.() !== 0) {
    console.log('\n== page: skipped: Chromium is not installed');
    return { ...nothing, skipped: 1 };
  }
  const report = join(temporary, 'playwright.json');
  const succeeded = await step('page', ['playwright', 'test', '--reporter=list,json'], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  });
  failures.push(...playwrightFailures(report));
  return honest(playwrightCounts(report), succeeded);
}

/** Runs a command of this package with its output on ours; says how long it took. */
async function step(
  name: string,
  [command, ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  if (isInterrupted) return false;
  console.log(`\n== ${name}`);
  const started = performance.now();
  const local = join(root, 'node_modules/.bin', command!);
  const child = spawn(existsSync(local) ? local : command!, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, TMPDIR: temporary, ...env },
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`== ${name}: ${status === 0 ? 'ok' : 'FAILED'} in ${seconds} s`);
  return status === 0;
}

let counts = nothing;
try {
  counts = await main();
} finally {
  const left = sweep(temporary);
  if (left.length > 0) {
    failures.push(`Left behind by a test, now removed: ${left.join(', ')}`);
    counts = add(counts, { ...nothing, failed: 1 });
  }
}
for (const failure of failures) console.log(`\nFailed: ${failure}`);
console.log(`\n${showCounts(counts)}`);
if (isInterrupted) process.exitCode = 130;
else if (counts.failed > 0) process.exitCode = 1;
