import {
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { dendro } from '../cli/dendro.ts';
import { State } from '../restore/support.ts';

let laptop: TestBtrfs;
let drive: TestBtrfs;
let state: State;
let home: string;
/** What stands before the name of a state, for each kind of place. */
let places: Readonly<Record<string, string>>;

const content = (size: number, seed: number): Buffer => Buffer.alloc(size, `content ${seed} `);
const path = (name: string): string => join(home, name);

function snapshot(name: string): void {
  run('btrfs', ['subvolume', 'snapshot', '-r', home, join(laptop.dir, name)]);
}

/** One of each kind of change, and some that are none. */
function change(): void {
  writeFileSync(path('new'), 'new');
  mkdirSync(path('new folder'));
  writeFileSync(path('new folder/inside'), 'inside');
  rmSync(path('d/f0'));
  // Content.
  writeFileSync(path('d/f1'), content(30_000, 1).fill('x', 20_000, 20_001));
  writeFileSync(path('d/f2'), content(31_000, 2));
  // The same bytes again: in place, and as editors do it.
  const times = (name: string): [Date, Date] => [
    statSync(path(name)).atime,
    statSync(path(name)).mtime,
  ];
  const [atime, mtime] = times('d/f3');
  writeFileSync(path('d/f3'), content(30_000, 3));
  writeFileSync(path('d/f4.tmp'), content(30_000, 4));
  renameSync(path('d/f4.tmp'), path('d/f4'));
  utimesSync(path('d/f3'), atime, mtime);
  // Other bytes as editors write them.
  writeFileSync(path('d/f5.tmp'), content(30_000, 55));
  renameSync(path('d/f5.tmp'), path('d/f5'));
  chmodSync(path('d/f6'), 0o600);
  renameSync(path('d/f7'), path('moved file'));
  renameSync(path('d/deep'), path('moved folder'));
  writeFileSync(path('moved folder/1'), content(5_000, 999));
  unlinkSync(path('d/f8'));
  mkdirSync(path('d/f8'));
  symlinkSync('old', path('d/f9.link'));
  linkSync(path('d/f10'), path('d/f10 too'));
  unlinkSync(path('d/f11b'));
}

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  state = new State();
  laptop = makeBtrfs({ sizeMiB: 384 });
  drive = makeBtrfs({ sizeMiB: 384, mkfsArgs: ['--csum', 'xxhash'] });
  home = join(laptop.dir, 'home');
  run('btrfs', ['subvolume', 'create', home]);
  // Nothing that was sent has it: each copy was told as another state than what it is a copy of.
  run('btrfs', ['subvolume', 'create', path('nested')]);
  mkdirSync(path('all kinds'));
  fillTree(path('all kinds'), { seed: 5, files: 60 });
  mkdirSync(path('d/deep'), { recursive: true });
  for (let i = 0; i < 12; i += 1) writeFileSync(path(`d/f${i}`), content(30_000, i));
  for (let i = 0; i < 4; i += 1) writeFileSync(path(`d/deep/${i}`), content(5_000, 100 + i));
  linkSync(path('d/f11'), path('d/f11b'));
  snapshot('one');
  change();
  snapshot('two');
  laptop.sync();
  const archive = join(drive.dir, 'archive');
  mkdirSync(join(drive.dir, 'plain'));
  for (const name of ['one', 'two']) {
    // The stock receiver leaves flags off.
    const sent = dendro(['send', '-q', '--proto', '2', join(laptop.dir, name)]).stdout;
    for (const target of [[drive.dir], ['--plain', join(drive.dir, 'plain')]]) {
      expect(dendro(['receive', '-q', ...target], { input: sent }).status).toBe(0);
    }
    await state.ok('archive export', archive, join(laptop.dir, name));
  }
  drive.sync();
  places = {
    snapshot: `${laptop.dir}/`,
    received: `${drive.images[0]!}:/`,
    archive: `${archive}:`,
    folder: `${drive.dir}/plain/`,
  };
});
afterAll(() => {
  laptop?.close();
  drive?.close();
  state?.close();
});

async function diff(from: string, to: string): Promise<string[]> {
  const { status, stdout, stderr } = await state.run('diff', from, to);
  expect([status <= 1, stderr.replace(/^There is no sidecar.*\n/gm, '')]).toEqual([true, '']);
  const lines = stdout.split('\n').filter((line) => line !== '');
  expect(status).toBe(lines.length === 0 ? 0 : 1);
  return lines;
}

const EXPECTED = [
  '+ new',
  '+ new folder',
  '+ new folder/inside',
  '- d/f0',
  '~ d/f1  (data, times)',
  '~ d/f2  (data, size, times)',
  '~ d/f5  (data, times)',
  '= d/f6  (mode)',
  '> d/f7 -> moved file',
  '> d/deep -> moved folder',
  '~ d/deep/1 -> moved folder/1  (data, times)',
  '- d/f8',
  '+ d/f8',
  '+ d/f9.link',
  '+ d/f10 too',
  '- d/f11b',
];

describeKernel('what differs between two states', () => {
  test('of one volume: content-true, moves are moves, and what was written again is no change', async () => {
    const found = await diff(`${places['snapshot']!}one`, `${places['snapshot']!}two`);
    const links = ['= d/f10  (links)', '= d/f11  (links)'];
    expect(found.sort()).toEqual([...EXPECTED, ...links].sort());
  });

  test('of any two places is the same, but for the time of what was written again', async () => {
    const kinds = Object.keys(places);
    const again = ['= d/f3  (times)', '= d/f4  (times)'];
    const links = ['= d/f10  (links)', '= d/f11  (links)'];
    for (const [i, kind] of kinds.entries()) {
      const other = kinds[(i + 1) % kinds.length]!;
      const found = await diff(`${places[kind]!}one`, `${places[other]!}two`);
      expect([kind, other, ...found.sort()]).toEqual([
        kind,
        other,
        ...[...EXPECTED, ...again, ...links].sort(),
      ]);
    }
  });

  test('of the same state in two places is nothing', async () => {
    const kinds = Object.keys(places);
    for (const [i, kind] of kinds.entries()) {
      const other = kinds[(i + 1) % kinds.length]!;
      expect([kind, await diff(`${places[kind]!}two`, `${places[other]!}two`)]).toEqual([kind, []]);
    }
  });
});
