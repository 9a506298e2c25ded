import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { leftovers, State } from './support.ts';

/** More than a path of a system call has room for, and than calls of a program can be nested. */
const DEPTH = 2_100;

let laptop: TestBtrfs;
let drive: TestBtrfs;
let state: State;

/** Goes down folders that are called 'd', by a descriptor for each. */
function goDown(top: string, visit: (at: string) => boolean): number {
  let fd = openSync(top, 'r');
  for (let depth = 0; ; depth += 1) {
    const at = `/proc/self/fd/${fd}`;
    if (!visit(at)) {
      closeSync(fd);
      return depth;
    }
    const next = openSync(`${at}/d`, 'r');
    closeSync(fd);
    fd = next;
  }
}

function makeDeep(top: string): void {
  let left = DEPTH;
  goDown(top, (at) => {
    if (left === 0) writeFileSync(`${at}/bottom`, 'at the bottom');
    else mkdirSync(`${at}/d`);
    left -= 1;
    return left >= 0;
  });
}

function lookDown(top: string): { depth: number; bottom: string } {
  let bottom = '';
  const depth = goDown(top, (at) => {
    const names = readdirSync(at);
    if (names.includes('bottom')) bottom = readFileSync(`${at}/bottom`, 'utf8');
    return names.includes('d');
  });
  return { depth, bottom };
}

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  state = new State();
  laptop = makeBtrfs();
  drive = makeBtrfs();
  const home = join(laptop.dir, 'home');
  run('btrfs', ['-q', 'subvolume', 'create', home]);
  makeDeep(home);
  run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', home, join(laptop.dir, 'one')]);
});
afterAll(() => {
  laptop?.close();
  drive?.close();
  state?.close();
});

// All of it went down by calls in calls and ended as a defect (Maximum call stack size exceeded),
// or at a path that no system call takes (ENAMETOOLONG).
describeKernel('a tree that is deeper than PATH_MAX', () => {
  test.each(['snapshot', 'archive', 'folder'])(
    'is restored out of a %s, and taken back',
    async (kind) => {
      const one = join(laptop.dir, 'one');
      const folder = join(drive.dir, kind);
      mkdirSync(folder);
      if (kind === 'archive') await state.ok('archive export', folder, one);
      if (kind === 'folder') {
        const stream = join(laptop.dir, 'stream');
        await state.ok('send', '-f', stream, one);
        await state.ok('receive', '--plain', '-f', stream, folder);
      }
      const place = { snapshot: one, archive: `${folder}:one`, folder: join(folder, 'one') }[kind]!;
      const found = join(drive.dir, `found-${kind}`);
      mkdirSync(found);
      await state.restore(place, found);
      expect(lookDown(join(found, 'one'))).toEqual({ depth: DEPTH, bottom: 'at the bottom' });
      expect((await state.run('diff', place, one)).status).toBe(0);
      await state.ok('restore', '--undo', await state.lastRun());
      expect(readdirSync(found)).toEqual([]);
      expect(leftovers(found)).toEqual([]);
    },
  );

  test('is found in, recorded and held against itself', async () => {
    laptop.sync();
    const place = `${laptop.images[0]}:/one`;
    const paths = await state.ok('find', place, 'bottom');
    expect(paths.trim()).toBe(`${'d/'.repeat(DEPTH)}bottom`);
    expect((await state.ok('verify', '--against', join(laptop.dir, 'one'), place)).trim()).toMatch(
      new RegExp(`^${DEPTH + 2} names compared`),
    );
  });
});
