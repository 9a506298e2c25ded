import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillTree } from '../harness/fill.ts';
import { dendro } from '../harness/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import { FOREIGN, missingTool, mountForeign } from '../receive/foreign-filesystem.ts';
import { differences, leftovers, State, type Summary } from './support.ts';

let laptop: TestBtrfs;
let drive: TestBtrfs;
let state: State;

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  state = new State();
  laptop = makeBtrfs({ sizeMiB: 512 });
  drive = makeBtrfs({ sizeMiB: 512 });
  run('btrfs', ['subvolume', 'create', join(laptop.dir, 'home')]);
  fillTree(join(laptop.dir, 'home'), { seed: 11, files: 120 });
  run('btrfs', ['subvolume', 'snapshot', '-r', join(laptop.dir, 'home'), join(laptop.dir, 'one')]);
});
afterAll(() => {
  laptop?.close();
  drive?.close();
  state?.close();
});

/** Flags that bar changes are left off on purpose; the directory's own flags go with them. */
const exceptBarring = { ignore: (path: string) => path.startsWith('flags') };

describeKernel('restore from every kind of place', () => {
  test('a whole snapshot on the same filesystem is a snapshot again, and nothing is written', async () => {
    const folder = join(laptop.dir, 'found');
    mkdirSync(folder);
    await state.restore(join(laptop.dir, 'one'), folder);
    expect(differences(join(laptop.dir, 'one'), join(folder, 'one'))).toEqual([]);
    expect(runText('btrfs', ['subvolume', 'show', join(folder, 'one')])).toContain('Flags');
    expect(runText('btrfs', ['property', 'get', join(folder, 'one'), 'ro'])).toBe('ro=false');
    expect(leftovers(folder)).toEqual([]);
  });

  // "." was refused as a name, and of "a:b" there was a "b".
  test('a whole snapshot has its own name, however it is pointed at', async () => {
    const folder = join(laptop.dir, 'named');
    mkdirSync(folder);
    const one = join(laptop.dir, 'one');
    const colon = join(laptop.dir, 'at 10:30');
    run('btrfs', ['subvolume', 'snapshot', '-r', one, colon]);
    for (const place of [`${one}/.`, `${one}/tree/..`, `${colon}/`]) {
      await state.restore('--clash', 'skip', place, folder);
    }
    expect(readdirSync(folder).sort()).toEqual(['at 10:30', 'one']);
  });

  test('a folder and a file on the same filesystem share their data with the snapshot', async () => {
    const folder = join(laptop.dir, 'shared');
    mkdirSync(folder);
    const one = join(laptop.dir, 'one');
    const { sharedBytes, bytes } = await state.restore(
      join(one, 'tree'),
      join(one, 'links'),
      folder,
    );
    expect(differences(join(one, 'tree'), join(folder, 'tree'))).toEqual([]);
    expect(differences(join(one, 'links'), join(folder, 'links'))).toEqual([]);
    expect(bytes).toBeGreaterThan(100_000);
    expect(sharedBytes).toBe(bytes);
  });

  test('every byte is read when nothing shall be shared', async () => {
    const folder = join(laptop.dir, 'read');
    mkdirSync(folder);
    const { sharedBytes } = await state.restore('--no-share', join(laptop.dir, 'one'), folder);
    expect(sharedBytes).toBe(0);
    const [one, copy] = [join(laptop.dir, 'one'), join(folder, 'one')];
    expect(differences(one, copy, exceptBarring)).toEqual([]);
  });

  test('from a device by name onto another drive, where it is a subvolume again', async () => {
    await state.restore(`${laptop.device}:/one`, drive.dir);
    const [one, copy] = [join(laptop.dir, 'one'), join(drive.dir, 'one')];
    expect(differences(one, copy, exceptBarring)).toEqual([]);
    expect(runText('btrfs', ['subvolume', 'list', drive.dir])).toContain('path one');
    const file = 'names/Grüße 木 🌳';
    await state.restore(`${laptop.device}:/one/${file}`, drive.dir);
    const ignore = (path: string): boolean => path !== '' && path !== 'Grüße 木 🌳';
    const found = differences(join(one, 'names'), drive.dir, { ignore });
    expect(found.filter((line) => !line.startsWith('/:'))).toEqual([]);
  });

  test('from an image that is not mounted', async () => {
    const folder = join(drive.dir, 'image');
    mkdirSync(folder);
    laptop.sync();
    laptop.unmount();
    try {
      await state.restore(`${laptop.images[0]!}:/one`, folder);
    } finally {
      laptop.mount();
    }
    const [one, copy] = [join(laptop.dir, 'one'), join(folder, 'one')];
    expect(differences(one, copy, exceptBarring)).toEqual([]);
  });

  for (const foreign of FOREIGN) {
    test.skipIf(missingTool(foreign))(
      `onto ${foreign.name}: what it cannot keep is said`,
      async () => {
        const { dir, close } = mountForeign(foreign);
        try {
          const { losses } = await state.restore(join(laptop.dir, 'one'), dir);
          expect(losses.length).toBeGreaterThan(0);
          const [one, copy] = [join(laptop.dir, 'one'), join(dir, 'one')];
          const lost = new Set(losses.map(({ path }) => path.replace(/^one\//, '')));
          const found = differences(one, copy, {
            except: foreign.isPosix
              ? ['flags', 'holes', 'xattrs']
              : ['flags', 'holes', 'xattrs', 'mode', 'owner', 'links', 'mtime'],
            ignore: (path) => [...lost].some((one) => path === one || path.startsWith(`${one}/`)),
          });
          if (foreign.isPosix) expect(found).toEqual([]);
          else {
            // Names that the filesystem does not take are made to fit, and each is told.
            const called = losses.flatMap(
              ({ what }) => /called "(.*)" here/s.exec(what)?.[1] ?? [],
            );
            const isTold = (line: string): boolean =>
              called.some((name) => line.includes(`/${name}`)) && line.includes(': extra:');
            const left = found.filter((line) => !/missing|kind/.test(line) && !isTold(line));
            expect(left).toEqual([]);
          }
          expect(leftovers(dir)).toEqual([]);
        } finally {
          close();
        }
      },
    );
  }

  test('a folder and a file of a plain folder that cannot be read are told, the rest is restored', () => {
    const folder = mkdtempSync(join(drive.dir, 'plain-'));
    const [plain, to] = [join(folder, 'plain'), join(folder, 'restored')];
    for (const name of ['a', 'locked', 'z']) {
      mkdirSync(join(plain, name), { recursive: true });
      writeFileSync(join(plain, name, 'file'), name);
    }
    writeFileSync(join(plain, 'secret'), 's');
    const header = { format: 1, name: Buffer.from('plain').toString('hex'), uuid: 'ab'.repeat(16) };
    const rest = {
      ctransid: 7,
      parentUuid: null,
      parentCtransid: null,
      kind: 'folder',
      counts: {},
    };
    writeFileSync(`${plain}.dendro.jsonl`, `${JSON.stringify({ ...header, ...rest })}\n`);
    mkdirSync(to);
    chmodSync(join(plain, 'locked'), 0);
    chmodSync(join(plain, 'secret'), 0);
    // Root without the right to read what it may not: as on a share that squashes it.
    const { status, stdout } = run(
      'setpriv',
      [
        '--bounding-set=-dac_override,-dac_read_search',
        ...[dendro, 'recover', '--json', '--to', to, folder, 'plain'],
      ],
      { accept: [1], env: { DENDRO_STATE: state.folder } },
    );
    const { damages } = JSON.parse(stdout.toString()) as Summary;
    expect(status).toBe(1);
    expect(damages.map(({ path }) => path).sort()).toEqual(['locked', 'secret']);
    expect(readdirSync(join(to, 'plain')).sort()).toEqual(['a', 'locked', 'z']);
    expect(readFileSync(join(to, 'plain/z/file'), 'utf8')).toBe('z');
    expect(leftovers(to)).toEqual([]);
  });
});
