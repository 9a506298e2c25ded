import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { differences, leftovers, State } from './support.ts';

let disk: TestBtrfs;
let state: State;
let home: string;
let point: string;
let number = 0;

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  disk = makeBtrfs({ sizeMiB: 512 });
  state = new State();
});
beforeEach(() => {
  if (process.getuid?.() !== 0) return;
  home = join(disk.dir, `home${++number}`);
  point = `${home}.point`;
  run('btrfs', ['subvolume', 'create', home]);
  mkdirSync(join(home, 'docs/deep'), { recursive: true });
  writeFileSync(join(home, 'docs/letter.txt'), 'as it was');
  writeFileSync(join(home, 'docs/deep/gone.txt'), 'gone later');
  for (let i = 0; i < 20; i += 1) writeFileSync(join(home, `docs/deep/${i}`), `${i}`);
  run('btrfs', ['subvolume', 'snapshot', '-r', home, point]);
  writeFileSync(join(home, 'docs/letter.txt'), 'written since');
  rmSync(join(home, 'docs/deep/gone.txt'));
});
afterAll(() => {
  disk?.close();
  state?.close();
});

const read = (path: string): string => readFileSync(join(home, path), 'utf8');
const undoLast = async (): Promise<string> => state.ok('restore', '--undo', await state.lastRun());

describeKernel('where a name is taken', () => {
  test('keep both: what stands there is not touched', async () => {
    await state.restore(join(point, 'docs/letter.txt'), join(home, 'docs'));
    expect(read('docs/letter.txt')).toBe('written since');
    expect(read('docs/letter (restored).txt')).toBe('as it was');
    await undoLast();
    expect(readdirSync(join(home, 'docs')).sort()).toEqual(['deep', 'letter.txt']);
  });

  test('in place: what stands there is kept, and the undo is one call', async () => {
    const { items } = await state.restore('--in-place', join(point, 'docs/letter.txt'));
    expect(read('docs/letter.txt')).toBe('as it was');
    expect(items[0]!.kept).toBe(join(home, 'docs/letter (before restore).txt'));
    expect(read('docs/letter (before restore).txt')).toBe('written since');
    await undoLast();
    expect(read('docs/letter.txt')).toBe('written since');
    expect(readdirSync(join(home, 'docs')).sort()).toEqual(['deep', 'letter.txt']);
  });

  test('a folder in place is as it was then; its undo brings the other one back', async () => {
    run('btrfs', ['subvolume', 'snapshot', '-r', home, `${home}.now`]);
    await state.restore('--in-place', join(point, 'docs'));
    expect(differences(join(point, 'docs'), join(home, 'docs'), { except: ['flags'] })).toEqual([]);
    await undoLast();
    expect(differences(`${home}.now`, home, { except: ['mtime'] })).toEqual([]);
    expect(leftovers(home)).toEqual([]);
  });

  test('skip: only what is missing comes back, also deep in folders', async () => {
    const { skipped, items } = await state.restore(
      '--in-place',
      '--clash=skip',
      join(point, 'docs'),
    );
    expect(read('docs/letter.txt')).toBe('written since');
    expect(read('docs/deep/gone.txt')).toBe('gone later');
    expect(items).toHaveLength(1);
    expect(skipped).toBeGreaterThan(10);
    await undoLast();
    expect(() => read('docs/deep/gone.txt')).toThrow('ENOENT');
  });

  test('folders above that are gone are made as they were, and go with the undo', async () => {
    rmSync(join(home, 'docs'), { recursive: true });
    await state.restore('--in-place', join(point, 'docs/deep/gone.txt'));
    expect(read('docs/deep/gone.txt')).toBe('gone later');
    const times = (top: string): bigint[] =>
      ['docs', 'docs/deep'].map((path) => statSync(join(top, path), { bigint: true }).mtimeNs);
    expect(times(home)).toEqual(times(point));
    await undoLast();
    expect(readdirSync(home)).toEqual([]);
  });

  test('beside it, though the name is free', async () => {
    await state.restore('--beside', join(point, 'docs/deep/gone.txt'));
    expect(read('docs/deep/gone (restored).txt')).toBe('gone later');
  });

  test('what was changed since is not undone', async () => {
    await state.restore('--in-place', join(point, 'docs/letter.txt'));
    writeFileSync(join(home, 'docs/letter.txt'), 'and on');
    const { status, stderr } = await state.run('restore', '--undo', await state.lastRun());
    expect([status, stderr]).toEqual([6, expect.stringContaining('changed-since')]);
    expect(read('docs/letter.txt')).toBe('and on');
  });

  // The kernel gives the empty folder that stands for it the time of each first look as its own.
  test('a whole subvolume with another nested in it is undone, and the other is not in it', async () => {
    run('btrfs', ['subvolume', 'create', join(home, 'nested')]);
    run('btrfs', ['subvolume', 'snapshot', '-r', home, `${home}.nested`]);
    mkdirSync(join(disk.dir, `to${number}`));
    await state.restore(`${home}.nested`, join(disk.dir, `to${number}`));
    expect(readdirSync(join(disk.dir, `to${number}`))).toHaveLength(1);
    disk.remount();
    await undoLast();
    expect(readdirSync(join(disk.dir, `to${number}`))).toEqual([]);
    const asked = await state.run('restore', join(`${home}.nested`, 'nested'), home);
    expect([asked.status, asked.stderr]).toEqual([
      6,
      expect.stringContaining('was a subvolume of its own: this snapshot does not hold it'),
    ]);
  });

  test('onto itself is refused, and nothing happens', async () => {
    for (const args of [
      ['--clash=replace', join(home, 'docs'), home],
      ['--clash=replace', join(home, 'docs/letter.txt'), join(home, 'docs')],
      [join(home, 'docs'), join(home, 'docs/deep')],
      [join(point, 'docs'), join(point, 'docs')],
    ]) {
      const { status, stderr } = await state.run('restore', ...args);
      expect([args, status, stderr]).toEqual([args, 6, expect.stringContaining('onto-itself')]);
    }
    expect(leftovers(home)).toEqual([]);
  });

  test('a symbolic link in the way is not followed', async () => {
    rmSync(join(home, 'docs'), { recursive: true });
    mkdirSync(join(disk.dir, `elsewhere${number}`));
    symlinkSync(join(disk.dir, `elsewhere${number}`), join(home, 'docs'));
    const { status } = await state.run('restore', '--in-place', join(point, 'docs/letter.txt'));
    expect(status).not.toBe(0);
    expect(readdirSync(join(disk.dir, `elsewhere${number}`))).toEqual([]);
  });

  test('--dry-run says the names and writes nothing', async () => {
    const before = readdirSync(join(home, 'docs'));
    const plan = JSON.parse(
      await state.ok(
        'restore',
        '--dry-run',
        '--json',
        '--in-place',
        join(point, 'docs/letter.txt'),
      ),
    ) as { items: { aside: string }[]; fits: boolean }[];
    expect(plan[0]!.items[0]!.aside).toBe(join(home, 'docs/letter (before restore).txt'));
    expect(plan[0]!.fits).toBe(true);
    expect(readdirSync(join(home, 'docs'))).toEqual(before);
  });
});
