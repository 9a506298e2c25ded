import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../harness/run.ts';

const CLOCK = 1_700_000_000;
const launcher = join(import.meta.dirname, '../../dendro');
const LAUNCHERS = [launcher, join(import.meta.dirname, '../../packaging/dendro.sh')];
const ANNA = 1234;
type Environment = Readonly<Record<string, string | undefined>>;
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
test.each(LAUNCHERS)('what is written to a closed output fails: %s', (path) => {
  const start = laid(path, `#!/bin/sh\nexec ${process.execPath} -e "$WRITE"\n`);
  const WRITE = 'require("fs").writeSync(1, "x")';
  const options = { env: { ...process.env, WRITE }, accept: [0, 1] };
  const written = run('sh', ['-c', '"$1"', 'sh', start], options);
  expect([written.status, written.stdout.toString()]).toEqual([0, 'x']);
  const lost = run('sh', ['-c', '"$1" >&-', 'sh', start], options);
  expect([lost.status, lost.stderr]).toEqual([1, expect.stringContaining('EBADF')]);
  // With all of them closed it still ended well.
  expect(run('sh', ['-c', '"$1" <&- >&- 2>&-', 'sh', start], options).status).toBe(1);
});

// Node itself makes the folder for compiled code, and never came back from /proc. What lies in it is
// run: as root it was run out of the HOME that sudo had kept, of whoever had typed sudo.
test.each(LAUNCHERS)(
  'compiled code is kept where nobody else can write, or not at all: %s',
  (path) => {
    const start = laid(path, '#!/bin/sh\nprintf %s "$NODE_COMPILE_CACHE"\n');
    const kept = (
      HOME: string,
      more: Environment,
      as: readonly string[] = [],
    ): [string, string] => {
      const env = { HOME, XDG_CACHE_HOME: undefined, ...more };
      const [program, ...args] = [...as, start];
      const { stdout, stderr } = run(program!, args, { env });
      return [stdout.toString(), stderr];
    };
    const [anna, ben] = ['anna', 'ben'].map((name) => join(top, name)) as [string, string];
    for (const folder of [anna, ben]) mkdirSync(folder);
    const isRoot = process.getuid?.() === 0;
    const user = isRoot ? ANNA : process.getuid!();
    const asUser = isRoot ? ['setpriv', `--reuid=${ANNA}`, '--clear-groups'] : [];
    if (isRoot) chownSync(anna, ANNA, ANNA);
    chmodSync(top, 0o755);

    expect(kept(anna, { NODE_COMPILE_CACHE: join(top, 'given') }, asUser)).toEqual([
      join(anna, '.cache/dendro/compiled'),
      '',
    ]);
    const { uid, mode } = statSync(join(anna, '.cache/dendro/compiled'));
    expect([uid, mode & 0o777]).toEqual([user, 0o700]);
    expect(kept(ben, { XDG_CACHE_HOME: anna }, asUser)[0]).toBe(join(anna, 'dendro/compiled'));
    expect(kept(anna, { XDG_CACHE_HOME: 'here' }, asUser)[0]).toMatch(/^.*anna.\.cache/);
    expect(kept('/proc/1', {}, asUser)).toEqual(['', '']);
    expect(kept('/etc/passwd', {}, asUser)).toEqual(['', '']);
    expect(kept('', {}, asUser)).toEqual(['', '']);
    expect(readdirSync(top)).not.toContain('given');
    if (!isRoot) return;

    expect(kept(ben, {}, asUser)).toEqual(['', '']);
    for (const [HOME, more] of [
      [anna, {}],
      [ben, { XDG_CACHE_HOME: anna }],
      [ben, { NODE_COMPILE_CACHE: anna }],
    ] as const) {
      expect(kept(HOME, more)).toEqual(['/var/cache/dendro/compiled', '']);
    }
    expect(readdirSync(ben)).toEqual([]);
  },
);

// NODE_OPTIONS of a developer ended each command, or had root run what it names; a signal that other
// programs tell their progress at opened a debugger on a port, for everybody on the computer.
test.each(LAUNCHERS)('Node takes nothing but what the launcher gives it: %s', (path) => {
  const start = laid(path, `#!/bin/sh\nexec ${process.execPath} "$@"\n`);
  const program = `
    process.kill(process.pid, 'SIGUSR1');
    let found = false;
    try { found = require('out-of-home'); } catch {}
    setTimeout(() => console.log(found, require('inspector').url() ?? 'closed'), 100);`;
  for (const at of ['lib/dendro/out/main/cli/dendro.js', 'bin/main/cli/dendro.ts'])
    lay(at, program);
  lay('home/.node_modules/out-of-home.js', 'module.exports = true');
  lay('hook.js', 'console.log("hooked")');
  const env = {
    HOME: join(top, 'home'),
    NODE_PATH: join(top, 'home/.node_modules'),
    NODE_OPTIONS: `--require "${join(top, 'hook.js')}"`,
    NODE_V8_COVERAGE: join(top, 'coverage'),
    NODE_DEBUG: 'module',
    OPENSSL_CONF: '/etc/passwd',
  };
  const { stdout, stderr } = run(start, [], { env });
  expect([stdout.toString(), stderr]).toEqual(['false closed\n', '']);
  expect(readdirSync(top)).not.toContain('coverage');
});

// An empty PATH is the current folder: what lay there was run, or nothing was found.
test.each(LAUNCHERS)('starts without a PATH: %s', (path) => {
  const start = laid(path, '#!/bin/sh\nprintf %s "$1"\n');
  lay('here/readlink', '#!/bin/sh\necho /nowhere\n');
  chmodSync(join(top, 'here/readlink'), 0o755);
  const { stdout } = run(start, [], { env: { PATH: '' }, cwd: join(top, 'here') });
  expect(stdout.toString()).toMatch(/^--/);
});

/** The launcher where it finds `node` as its Node, built or not. */
function laid(path: string, node: string): string {
  const start = join(top, 'bin/dendro');
  lay('bin/dendro', readFileSync(path, 'utf8'));
  chmodSync(start, 0o755);
  for (const folder of ['bin/node_modules/node', 'lib/dendro']) {
    lay(`${folder}/bin/node`, node);
    chmodSync(join(top, folder, 'bin/node'), 0o755);
  }
  return start;
}

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
