import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFolders } from '../../main/linux/make-folders.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { dendro } from './dendro.ts';

let top: string;
let readOnly: string;
let full: string;
beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'dendro-no-state-'));
  [readOnly, full] = [join(top, 'read-only'), join(top, 'full')];
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

const at = (state: string) => ({
  env: { DENDRO_STATE: state, DENDRO_SOCKET: join(top, 'nobody.sock') },
  timeoutMs: 60_000,
});

/** Each needs what is remembered: nothing true can be said without it. */
const NEEDS: readonly string[][] = [['plan', 'list'], ['status'], ['serve'], ['daemon']];

// Node's own recursive mkdir never came back from /proc, which refuses new folders with ENOENT.
test.each([...NEEDS, ['--help'], ['update']])(
  'with a state folder that nobody can make: %s %s',
  (...args) => {
    const { status, stderr } = dendro(args.filter(Boolean), at('/proc/dendro/state'));
    const needsIt = NEEDS.some(([verb]) => verb === args[0]);
    expect([status, stderr]).toEqual(
      needsIt
        ? [
            7,
            expect.stringMatching(
              /^ERROR: The history cannot be used: ENOENT.*\n.*\/proc\/dendro\/state\/history\.sqlite\n.*DENDRO_STATE/,
            ),
          ]
        : [0, ''],
    );
  },
);

describe('folders with those above them', () => {
  test('are made where they are missing, and are left where they are', () => {
    const deep = join(top, 'a/b/c');
    makeFolders(deep, 0o700);
    makeFolders(deep);
    writeFileSync(join(deep, 'file'), '');
    expect(() => makeFolders(join(deep, 'file'))).toThrow('EEXIST');
    expect(() => makeFolders(join(deep, 'file/below/it'))).toThrow('ENOTDIR');
    expect(() => makeFolders('/proc/dendro/state')).toThrow('ENOENT');
  });
});

describeKernel('where the state cannot be written', () => {
  beforeAll(() => {
    for (const folder of [readOnly, full]) mkdirSync(folder);
    run('mount', ['-t', 'tmpfs', '-o', 'ro', 'none', readOnly]);
    run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', full]);
    run('sh', ['-c', 'head -c 100000 /dev/zero > "$1/fill" || true', 'sh', full]);
  });
  afterAll(() => {
    for (const folder of [readOnly, full]) run('umount', [folder]);
  });

  test(
    'what is asked of the disks alone is answered',
    () =>
      withBtrfs({ sizeMiB: 256 }, ({ dir }) => {
        const home = join(dir, 'home');
        run('btrfs', ['subvolume', 'create', home]);
        writeFileSync(join(home, 'letter.txt'), 'hello');
        run('btrfs', ['subvolume', 'snapshot', '-r', home, join(dir, 'home.1')]);
        writeFileSync(join(home, 'letter.txt'), 'spoilt');
        run('sync', ['-f', dir]);
        writeFileSync(join(top, 'file'), '');
        const states: readonly [state: string, reason: string][] = [
          ['/proc/dendro', 'The history cannot be used: ENOENT'],
          [join(top, 'file/below'), 'The history cannot be used: ENOTDIR'],
          [join(readOnly, 'dendro'), 'The history cannot be written.'],
          [full, 'The disk that holds the history is full.'],
        ];
        for (const [state, reason] of states) {
          const without = {
            status: 0,
            stderr: expect.stringContaining(`The history is left out: ${reason}`) as string,
          };
          expect(dendro(['heal', '--dry-run', home], at(state))).toMatchObject(without);
          expect(dendro(['status'], at(state))).toMatchObject({
            stderr: expect.stringContaining(`ERROR: ${reason}`) as string,
          });
        }
        const nowhere = at('/proc/dendro');
        expect(dendro(['volumes'], nowhere).stderr).toContain('The history is left out: ');
        const back = ['restore', '--in-place', '-n', join(dir, 'home.1/letter.txt')];
        expect(dendro(back, nowhere)).toMatchObject({ status: 0 });
      }),
    240_000,
  );
});
