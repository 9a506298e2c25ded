import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../harness/run.ts';

const CLOCK = 1_700_000_000;
const launcher = join(import.meta.dirname, '../../dendro');
let top: string;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'dendro launcher '));
  copyFileSync(launcher, join(top, 'dendro'));
  lay('node_modules/node/bin/node', '#!/bin/sh\nprintf "%s\\n" "$@"\n');
  chmodSync(join(top, 'node_modules/node/bin/node'), 0o755);
  for (const path of ['main/cli/dendro.ts', 'shared/errors.ts', 'package-lock.json']) lay(path);
  for (const folder of ['main/cli', 'main', 'shared']) age(folder, 0);
});
afterEach(() => rmSync(top, { recursive: true }));

test('runs what was built, as long as no source is newer', () => {
  expect(program()).toBe('main/cli/dendro.ts');
  lay('out/main/app/preload.cjs');
  age('out/main/app/preload.cjs', 10);
  expect(program()).toBe('out/main/cli/dendro.js');
  age('shared/errors.ts', 11);
  expect(program()).toBe('main/cli/dendro.ts');
});

test('runs the sources when one of them is gone since the build', () => {
  lay('out/main/app/preload.cjs');
  age('out/main/app/preload.cjs', 10);
  rmSync(join(top, 'main/cli/dendro.ts'));
  age('main/cli', 11);
  expect(program()).toBe('main/cli/dendro.ts');
});

test('hands on each argument as it is', () => {
  const args = ['send', '', 'a b', '*', "it's", '--', '-x\ny'];
  expect(started(args).endsWith(`dendro.ts\n${args.join('\n')}\n`)).toBe(true);
});

// A send to nowhere ended well: Node opens /dev/null in place of what is closed.
test.each([launcher, join(import.meta.dirname, '../../packaging/dendro.sh')])(
  'what is written to a closed output fails: %s',
  (path) => {
    const start = join(top, 'bin/dendro');
    lay('bin/dendro', readFileSync(path, 'utf8'));
    chmodSync(start, 0o755);
    for (const folder of ['bin/node_modules/node', 'lib/dendro']) {
      lay(`${folder}/bin/node`, `#!/bin/sh\nexec ${process.execPath} -e "$WRITE"\n`);
      chmodSync(join(top, folder, 'bin/node'), 0o755);
    }
    const WRITE = 'require("fs").writeSync(1, "x")';
    const options = { env: { ...process.env, WRITE }, accept: [0, 1] };
    const written = run('sh', ['-c', '"$1"', 'sh', start], options);
    expect([written.status, written.stdout.toString()]).toEqual([0, 'x']);
    const lost = run('sh', ['-c', '"$1" >&-', 'sh', start], options);
    expect([lost.status, lost.stderr]).toEqual([1, expect.stringContaining('EBADF')]);
  },
);

// Node itself makes the folder for compiled code, and never came back from /proc.
test.each([launcher, join(import.meta.dirname, '../../packaging/dendro.sh')])(
  'where no folder for compiled code can be made it goes without: %s',
  (path) => {
    const start = join(top, 'bin/dendro');
    lay('bin/dendro', readFileSync(path, 'utf8'));
    chmodSync(start, 0o755);
    for (const folder of ['bin/node_modules/node', 'lib/dendro']) {
      lay(`${folder}/bin/node`, '#!/bin/sh\nprintf %s "$NODE_COMPILE_CACHE"\n');
      chmodSync(join(top, folder, 'bin/node'), 0o755);
    }
    const kept = (HOME: string): [string, string] => {
      const env = { HOME, XDG_CACHE_HOME: undefined, NODE_COMPILE_CACHE: undefined };
      const { stdout, stderr } = run(start, [], { env });
      return [stdout.toString(), stderr];
    };
    expect(kept('/proc/1')).toEqual(['', '']);
    expect(kept('/etc/passwd')).toEqual(['', '']);
    expect(kept(join(top, 'anna'))).toEqual([join(top, 'anna/.cache/dendro/compiled'), '']);
    expect(kept('')).toEqual(['', '']);
  },
);

/** What Node is given to run, from the top. */
function program(): string {
  return started([])
    .trimEnd()
    .split('\n')
    .at(-1)!
    .slice(top.length + 1);
}

/** The arguments that Node is started with, a line each. */
function started(args: readonly string[]): string {
  return run(join(top, 'dendro'), args).stdout.toString();
}

function lay(path: string, text = ''): void {
  mkdirSync(dirname(join(top, path)), { recursive: true });
  writeFileSync(join(top, path), text);
  age(path, 0);
}

function age(path: string, seconds: number): void {
  utimesSync(join(top, path), CLOCK + seconds, CLOCK + seconds);
}
