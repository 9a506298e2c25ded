import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CancelToken } from '../../main/engine/cancel.ts';
import { fromArchive } from '../../main/places/restore/from-archive.ts';
import { restorePlace } from '../../main/places/restore/restore-place.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import {
  FOREIGN,
  missingTool,
  mountForeign,
  type ForeignDisk,
} from '../receive/foreign-filesystem.ts';
import { differences, leftovers, State } from './support.ts';

const LARGE_FILES = 12;
const LARGE_BYTES = 2 << 20;

let laptop: TestBtrfs;
let state: State;
let point: string;
let number = 0;

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  state = new State();
  laptop = makeBtrfs({ sizeMiB: 512 });
  const home = join(laptop.dir, 'home');
  run('btrfs', ['subvolume', 'create', home]);
  mkdirSync(join(home, 'docs/deep'), { recursive: true });
  writeFileSync(join(home, 'docs/letter.txt'), 'as it was');
  writeFileSync(join(home, 'docs/deep/gone.txt'), 'gone later');
  // More than there is of memory for frames, and than the kernel reads ahead.
  const random = new Random(3);
  for (let i = 0; i < LARGE_FILES; i += 1) {
    writeFileSync(join(home, `docs/large-${i}`), random.bytes(LARGE_BYTES));
  }
  writeFileSync(join(home, 'sparse'), 'begins');
  truncateSync(join(home, 'sparse'), 2 ** 40);
  point = join(laptop.dir, 'point');
  run('btrfs', ['subvolume', 'snapshot', '-r', home, point]);
});
afterAll(() => {
  laptop?.close();
  state?.close();
});

function freshFolder(): string {
  const folder = join(laptop.dir, `to${(number += 1)}`);
  mkdirSync(folder);
  return folder;
}

describeKernel('restore out of an archive', () => {
  let archive: string;
  beforeAll(async () => {
    archive = join(laptop.dir, 'archive');
    await state.ok('archive export', archive, point);
  });

  const text = (...path: string[]): string => readFileSync(join(...path), 'utf8');

  test('a name that is taken: keep both, replace, skip, and the undo of each', async () => {
    const to = freshFolder();
    mkdirSync(join(to, 'docs/deep'), { recursive: true });
    writeFileSync(join(to, 'docs/letter.txt'), 'written since');
    const restore = (...more: string[]): Promise<string> =>
      state.ok('archive restore', archive, 'latest', '--to', ...more);
    const undo = async (): Promise<unknown> => state.ok('restore', '--undo', await state.lastRun());

    await restore(join(to, 'docs'), 'docs/letter.txt');
    expect(text(to, 'docs/letter.txt')).toBe('written since');
    expect(text(to, 'docs/letter (restored).txt')).toBe('as it was');
    await undo();
    expect(readdirSync(join(to, 'docs')).sort()).toEqual(['deep', 'letter.txt']);

    const said = await restore(join(to, 'docs'), '--clash=replace', 'docs/letter.txt');
    expect(said).toContain('letter (before restore).txt');
    expect(text(to, 'docs/letter.txt')).toBe('as it was');
    await undo();
    expect(text(to, 'docs/letter.txt')).toBe('written since');

    await restore(to, '--clash=skip', 'docs');
    expect(text(to, 'docs/letter.txt')).toBe('written since');
    expect(text(to, 'docs/deep/gone.txt')).toBe('gone later');
    await undo();
    expect(readdirSync(join(to, 'docs')).sort()).toEqual(['deep', 'letter.txt']);
    expect(readdirSync(join(to, 'docs/deep'))).toEqual([]);
    expect(leftovers(to)).toEqual([]);
  });

  test('a plan for a whole point on btrfs is one for a subvolume; it spoke of a folder', async () => {
    const target = makeBtrfs({ sizeMiB: 256 });
    try {
      const asked = ['--to', target.dir, archive, 'point'] as const;
      const path = join(target.dir, 'point');
      expect(JSON.parse(await state.ok('archive restore', '-n', '--json', ...asked))).toMatchObject(
        {
          ...{ path, kind: 'subvolume', isThere: false, receives: ['point'], fits: true },
        },
      );
      expect(await state.ok('archive restore', '-n', ...asked)).toMatch(
        /^\/ -> \S+\/point, a read-only subvolume\nreceives 1 stream, at most 2\d\.\d MiB; \S+ MiB free\n$/,
      );
      expect(readdirSync(target.dir)).toEqual([]);
      expect(await state.ok('archive restore', ...asked)).toBe(`${path}\n`);
      expect(await state.ok('archive restore', '--dry-run', ...asked)).toBe(
        `${path} is there already, whole\n`,
      );
      run('btrfs', ['subvolume', 'delete', path]);
      mkdirSync(path);
      const taken = await state.run('archive restore', '-n', ...asked);
      expect([taken.status, taken.stderr]).toEqual([
        6,
        expect.stringContaining('already something'),
      ]);
    } finally {
      target.close();
    }
  });

  test('a whole point as a folder, with its holes, once more beside it, and its plan', async () => {
    const to = freshFolder();
    const asked = ['--plain', '--to', to, archive, 'point'] as const;
    const plan = JSON.parse(await state.ok('archive restore', '--dry-run', '--json', ...asked)) as {
      readonly neededBytes: number;
      readonly bytes: number;
      readonly items: readonly { to: string }[];
    };
    expect(plan.items).toMatchObject([{ to: join(to, 'point') }]);
    // What is a hole takes no room: the sparse file alone says a tebibyte of itself.
    expect(plan.neededBytes).toBeLessThan(64 << 20);
    expect(readdirSync(to)).toEqual([]);
    const done = JSON.parse(await state.ok('archive restore', '--json', ...asked)) as {
      readonly bytes: number;
    };
    // It counted data alone, and its progress stood at nothing for a plan with holes in it.
    expect(done.bytes).toBe(plan.bytes);
    const shown = { except: ['flags' as const, 'holes' as const] };
    expect(differences(point, join(to, 'point'), shown)).toEqual([]);
    await state.ok('archive restore', ...asked);
    expect(readdirSync(to).sort()).toEqual(['point', 'point (restored)']);
  });

  test('a target without room is told before anything is written', async () => {
    const to = freshFolder();
    run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', to]);
    try {
      const { status, stderr } = await state.run('archive restore', archive, 'point', '--to', to);
      expect([status, stderr]).toEqual([7, expect.stringContaining('target-full')]);
      expect(readdirSync(to)).toEqual([]);
    } finally {
      run('umount', [to]);
    }
  });
});

/** Restores, and does something to the drive once some bytes are there. */
function restoreWhile(folder: string, to: string, meanwhile: () => void): Promise<unknown> {
  const request = { folder, point: 'latest', paths: ['docs'], destination: to };
  let isDone = false;
  const progress = ({ bytes }: { readonly bytes: number }): void => {
    if (isDone || bytes < 5 * LARGE_BYTES) return;
    isDone = true;
    meanwhile();
  };
  const input = fromArchive({ ...request, clash: 'keep-both' });
  return restorePlace(input, { cancel: new CancelToken(), progress });
}

describeKernel('a drive that is pulled in the middle of a restore out of its archive', () => {
  const kinds = FOREIGN.filter(({ name }) => name === 'ext4' || name === 'exfat');
  for (const foreign of kinds) {
    describe.skipIf(missingTool(foreign))(foreign.name, () => {
      let drive: ForeignDisk;
      let archive: string;
      beforeAll(async () => {
        drive = mountForeign(foreign);
        archive = join(drive.dir, 'archive');
        await state.ok('archive export', archive, point);
      });
      afterAll(() => drive.close());

      const onWithIt = async (to: string): Promise<void> => {
        expect(leftovers(to)).toHaveLength(1);
        expect(readdirSync(to).filter((name) => !name.startsWith('.'))).toEqual([]);
        drive.putBack();
        const bytes = await state.ok('archive restore', archive, 'latest', '--to', to, 'docs');
        expect(bytes).toContain(join(to, 'docs'));
        const shown = { except: ['flags' as const] };
        expect(differences(join(point, 'docs'), join(to, 'docs'), shown)).toEqual([]);
        expect(leftovers(to)).toEqual([]);
      };

      test('it is told as gone, and goes on when it is back', async () => {
        const to = freshFolder();
        drive.mountAnew();
        const restored = restoreWhile(archive, to, drive.pull);
        await expect(restored).rejects.toMatchObject({ kind: 'Io', code: 'source-gone' });
        await onWithIt(to);
      });

      test('the same when its folder vanishes with it', async () => {
        const to = freshFolder();
        drive.mountAnew();
        const restored = restoreWhile(archive, to, () => {
          drive.pull();
          drive.unmountPulled();
        });
        await expect(restored).rejects.toMatchObject({ kind: 'Io', code: 'source-gone' });
        await onWithIt(to);
      });
    });
  }
});
