import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NATIVE } from '../../packaging/build/native.ts';
import { openFixture, type Fixture } from '../images/fixtures.ts';
import { BUILD_MS, ensureBuilt, top } from './built.ts';

const ENTRY = join(top, 'out/main/cli/dendro.js');
let fixture: Fixture;
let work: string;

beforeAll(() => {
  ensureBuilt();
  fixture = openFixture('laptop');
  work = mkdtempSync(join(tmpdir(), 'dendro-bundle-'));
}, BUILD_MS);
afterAll(() => {
  fixture.close();
  rmSync(work, { recursive: true });
});

const bundled = (...args: string[]) => run(ENTRY, args);
const plain = (...args: string[]) => run(join(top, 'main/cli/dendro.ts'), args);

function run(entry: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args], {
    env: { ...process.env, DENDRO_STATE: join(work, 'state') },
  });
  return { status, stdout, stderr: stderr.toString() };
}

describe('what is installed', () => {
  test('is JavaScript that imports nothing but Node, Electron and the native packages', () => {
    const allowed = new Set<string>([...NATIVE, 'electron', ...builtinModules]);
    const foreign = globSync('out/main/**/*.js', { cwd: top }).flatMap((path) =>
      [...readFileSync(join(top, path), 'utf8').matchAll(/^(?:import|export)\b.* from "([^"]+)"/gm)]
        .map(([, name]) => name!.replace(/^node:/, ''))
        .filter((name) => !name.startsWith('.') && !allowed.has(name)),
    );
    expect(foreign).toEqual([]);
    expect(globSync('out/{main,shared}/**/*.ts', { cwd: top })).toEqual([]);
  });

  test('says the same as the sources', () => {
    const place = `${fixture.images[0]!}:/snapshots/home.1`;
    for (const args of [
      ['--version'],
      ['--help'],
      ['ls', '-l', place],
      ['diff', '--json', place, place],
      ['send', '-q', place],
      ['verify', fixture.images[0]!],
    ]) {
      const ours = bundled(...args);
      expect(ours, args.join(' ')).toEqual(plain(...args));
      expect(ours.stdout.length, args.join(' ')).toBeGreaterThan(0);
    }
  });

  test('starts its threads and finds its migrations', () => {
    const image = fixture.images[0]!;
    // The history is a database that is made by migrations.
    expect(bundled('plan', 'list')).toMatchObject({ status: 0, stderr: '' });
    const archive = join(work, 'archive');
    // The engine and the packer are threads, the index is a database.
    const exported = bundled('archive', 'export', archive, `${image}:/snapshots/home.1`);
    expect(exported.stderr).not.toMatch(/ERROR/);
    expect(exported.status).toBe(0);
    expect(plain('archive', 'verify', archive).status).toBe(0);
  });
});
