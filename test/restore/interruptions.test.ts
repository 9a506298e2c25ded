import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, openSync, closeSync, readdirSync, readFileSync } from 'node:fs';
import { truncateSync, writeFileSync, writeSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancelToken } from '../../main/engine/cancel.ts';
import { closeVolumes } from '../../main/engine/open-volumes.ts';
import { planRestore, restore, type RestoreInput } from '../../main/engine/verbs/restore.ts';
import { forgetRestores, restoresBegunIn } from '../../main/places/restore/forget-restores.ts';
import { restoreSource } from '../../main/cli/restore/source.ts';
import { ENTRY } from '../cli/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { differences, leftovers, State } from './support.ts';

let laptop: TestBtrfs;
let drive: TestBtrfs;
let state: State;
let number = 0;

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  state = new State();
  laptop = makeBtrfs({ sizeMiB: 384, mkfsArgs: ['-d', 'single', '-m', 'single'] });
  drive = makeBtrfs({ sizeMiB: 384 });
  const home = join(laptop.dir, 'home');
  run('btrfs', ['subvolume', 'create', home]);
  mkdirSync(join(home, 'many'));
  for (let i = 0; i < 60; i += 1) writeFileSync(join(home, `many/${i}`), `${i}`.repeat(3_000));
  writeFileSync(join(home, 'large'), Buffer.alloc(24 * 1024 * 1024, 'large'));
  const marked = Buffer.alloc(16 * 4096);
  for (let i = 0; i < 16; i += 1) marked.write(`this is block number ${i} of it`, i * 4096);
  writeFileSync(join(home, 'marked'), marked);
  run('btrfs', ['subvolume', 'snapshot', '-r', home, join(laptop.dir, 'point')]);
  laptop.sync();
});
afterAll(() => {
  closeVolumes();
  laptop?.close();
  drive?.close();
  state?.close();
});

function freshFolder(): string {
  const folder = join(drive.dir, `to${++number}`);
  mkdirSync(folder);
  return folder;
}

function inputFor(text: string, folder: string): RestoreInput {
  const { place, path, name } = restoreSource(text);
  if (place.kind !== 'snapshot') throw new Error(`${text} is in no subvolume`);
  return { ...place, items: [{ from: path, to: name }], folder };
}

/** Restores, and ends as if killed when `when` says so. */
function brokenOff(input: RestoreInput, when: (bytes: number, files: number) => boolean): void {
  const progress = ({ bytes, files }: { bytes: number; files: number }): void => {
    if (when(bytes, files)) throw new Error('broken off');
  };
  expect(() => restore(input, { cancel: new CancelToken(), progress })).toThrow('broken off');
}

const plain = { cancel: new CancelToken(), progress: (): void => {} };

describeKernel('a restore that is interrupted', () => {
  test('goes on after kill -9 and ends the same, with nothing left over', async () => {
    const folder = freshFolder();
    const args = ['restore', '--no-share', join(laptop.dir, 'point'), folder];
    const child = spawn(process.execPath, [ENTRY, ...args], {
      env: { ...process.env, DENDRO_STATE: state.folder },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    while (child.exitCode === null && leftovers(folder).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill('SIGKILL');
    await ended;
    await state.restore('--no-share', join(laptop.dir, 'point'), folder);
    expect(readdirSync(folder)).toEqual(['point']);
    expect(differences(join(laptop.dir, 'point'), join(folder, 'point'))).toEqual([]);
  });

  test('wherever it was broken off, also in the middle of a large file', () => {
    const folder = freshFolder();
    const input = inputFor(`${laptop.device}:/point`, folder);
    brokenOff(input, (_, files) => files > 20);
    brokenOff(input, (bytes) => bytes > 9 * 1024 * 1024);
    brokenOff(input, (_, files) => files > 60);
    expect(readdirSync(folder).filter((name) => !name.startsWith('.'))).toEqual([]);
    restore(input, plain);
    expect(differences(join(laptop.dir, 'point'), join(folder, 'point'))).toEqual([]);
    expect(leftovers(folder)).toEqual([]);
  });

  test('cancelled, it leaves nothing', () => {
    const folder = freshFolder();
    const input = inputFor(`${laptop.device}:/point`, folder);
    const cancel = new CancelToken();
    const progress = ({ files }: { files: number }): void => {
      if (files > 10) cancel.cancel();
    };
    expect(() => restore(input, { cancel, progress })).toThrow('Cancelled');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('goes on when the drive that was pulled is back', () => {
    const folder = freshFolder();
    laptop.sync();
    const image = join(folder, '..', 'pulled.img');
    run('cp', ['--sparse=always', laptop.images[0]!, image]);
    copyFileSync(image, `${image}.back`);
    const input = inputFor(`${image}:/point`, folder);
    let isPulled = false;
    const progress = ({ files }: { files: number }): void => {
      if (files < 5 || isPulled) return;
      isPulled = true;
      truncateSync(image, 0);
    };
    const tried = (): unknown => restore(input, { cancel: new CancelToken(), progress });
    expect(tried).toThrow(expect.objectContaining({ code: 'source-gone' }) as Error);
    run('cp', ['--sparse=always', `${image}.back`, image]);
    closeVolumes();
    const { damages } = restore(input, plain);
    expect(damages).toEqual([]);
    expect(differences(join(laptop.dir, 'point'), join(folder, 'point'))).toEqual([]);
  });

  test('damaged blocks are listed, and all the rest comes back', async () => {
    const folder = freshFolder();
    laptop.sync();
    const image = join(folder, '..', 'damaged.img');
    run('cp', ['--sparse=always', laptop.images[0]!, image]);
    const at = readFileSync(image).indexOf('this is block number 5 of it');
    expect(at).toBeGreaterThan(0);
    const fd = openSync(image, 'r+');
    writeSync(fd, 'THIS', at);
    closeSync(fd);
    const { status, stdout, stderr } = await state.run(
      'restore',
      '--json',
      `${image}:/point`,
      folder,
    );
    expect([status, stderr]).toEqual([1, '']);
    const [summary] = JSON.parse(stdout) as { damages: { path: string; offset: number }[] }[];
    expect(summary!.damages).toMatchObject([
      { path: 'marked', offset: 5 * 4096, lengthBytes: 4096 },
    ]);
    const found = differences(join(laptop.dir, 'point'), join(folder, 'point'));
    expect(found.map((line) => line.split(':')[0])).toEqual(['/marked', '/marked']);
    const marked = readFileSync(join(folder, 'point/marked'));
    expect(marked.subarray(4 * 4096, 4 * 4096 + 4).toString()).toBe('this');
    expect(marked.subarray(5 * 4096, 6 * 4096).every((byte) => byte === 0)).toBe(true);
  });

  test('a target that is full or read-only is known before anything is written', async () => {
    const folder = freshFolder();
    run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', folder]);
    try {
      const input = inputFor(`${laptop.device}:/point/large`, folder);
      expect(planRestore(input, plain)).toMatchObject({ fits: false, files: 1 });
      const full = await state.run('restore', `${laptop.device}:/point/large`, folder);
      expect([full.status, full.stderr]).toEqual([7, expect.stringContaining('target-full')]);
      run('mount', ['-o', 'remount,ro', folder]);
      const readOnly = await state.run('restore', `${laptop.device}:/point/many/1`, folder);
      expect([readOnly.status, readOnly.stderr]).toEqual([7, expect.stringContaining('read-only')]);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      run('umount', [folder]);
    }
  });

  // It was told to mount its filesystem read-write, or to look at its drive.
  test('a read-only snapshot as the target is called that', async () => {
    const point = `${laptop.device}:/point/many/1`;
    const sealed = join(laptop.dir, 'sealed');
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', join(laptop.dir, 'point'), sealed]);
    for (const target of ['', 'many', 'new']) {
      const { status, stderr } = await state.run('restore', point, join(sealed, target));
      expect([status, stderr]).toEqual([7, expect.stringContaining('read-only snapshot')]);
    }
  });

  // Its source is away: cancelled while it waited, it left its hidden folders for ever.
  test('is forgotten when it is given up while its drive is away, and no other one', () => {
    const folder = freshFolder();
    const input = (to: string): RestoreInput => {
      const found = inputFor(join(laptop.dir, 'point'), folder);
      return { ...found, items: [{ from: '', to }], share: false };
    };
    brokenOff(input('earlier'), (_, files) => files > 3);
    const except = restoresBegunIn(folder);
    expect(except).toHaveLength(1);
    brokenOff(input('made/below/now'), (_, files) => files > 3);
    expect(leftovers(folder).length).toBeGreaterThan(2);
    forgetRestores({ folder, paths: ['of something else'], except });
    expect(restoresBegunIn(folder)).toHaveLength(2);
    forgetRestores({ folder, paths: [''], except });
    expect(restoresBegunIn(folder)).toEqual(except);
    expect(readdirSync(folder)).toHaveLength(1);
  });
});
