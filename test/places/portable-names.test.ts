import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainContext } from '../../main/cli/context.ts';
import { planPlaceRestore, restorePlace } from '../../main/places/restore/restore-place.ts';
import { dendro } from '../harness/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { FOREIGN, missingTool, mountForeign } from '../receive/foreign-filesystem.ts';

/** What each is called where Windows has to be able to read it. */
const NAMES: Readonly<Record<string, string>> = {
  'a:b?.txt': 'a%3ab%3f.txt',
  'Report.txt': 'Report.txt',
  'report.txt': 'report.txt~2',
  'con.log': '%63on.log',
  'ends with a dot.': 'ends with a dot%2e',
  'Grüße 木.txt': 'Grüße 木.txt',
};
const MIB = 1 << 20;
let fs: TestBtrfs;
let tree: string;
let folder: string;

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  fs = makeBtrfs({ sizeMiB: 300 });
  tree = join(fs.dir, 'home');
  run('btrfs', ['subvolume', 'create', tree]);
  mkdirSync(join(tree, 'sub: folder'));
  for (const name of Object.keys(NAMES)) {
    writeFileSync(join(tree, 'sub: folder', name), `content of ${name}`);
  }
  writeFileSync(join(tree, 'top: level'), 'the top');
  writeFileSync(join(tree, 'large'), new Random(5).bytes(11 * MIB + 77));
  run('bash', ['-c', 'fallocate -p -o 5M -l 1M "$1/large"; ln "$1/large" "$1/link"', 'x', tree]);
  run('btrfs', ['subvolume', 'snapshot', '-r', tree, join(fs.dir, 'one')]);
  folder = mkdtempSync(join(tmpdir(), `dendro-portable-${process.pid}-`));
  run('cp', ['-a', `${tree}/.`, folder]);
});
afterAll(() => {
  fs?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

/** By folder, so that no order is taken for granted but that of the names as they come. */
function expectPortable(at: string): void {
  const found = readdirSync(join(at, 'sub%3a folder'));
  expect(found.length).toBe(Object.keys(NAMES).length);
  const contents = found.map((name) => readFileSync(join(at, 'sub%3a folder', name), 'utf8'));
  expect(contents.sort()).toEqual(
    Object.keys(NAMES)
      .map((name) => `content of ${name}`)
      .sort(),
  );
  const twins = ['Report.txt', 'report.txt', 'Report.txt~2', 'report.txt~2'];
  const others = Object.values(NAMES).filter((name) => !twins.includes(name));
  for (const name of others) expect(found).toContain(name);
  expect(found.filter((name) => /[":*<>?|]|[. ]$/.test(name))).toEqual([]);
  expect(new Set(found.map((name) => name.toUpperCase())).size).toBe(found.length);
}

describeKernel('restore onto what Windows can read', () => {
  for (const foreign of FOREIGN.filter(({ isPosix }) => !isPosix)) {
    // Names that the filesystem does not take were reported and left out.
    test.skipIf(missingTool(foreign))(
      `${foreign.name}: names are made to fit, and told`,
      async () => {
        const { dir, close } = mountForeign(foreign);
        try {
          const items = [
            { from: 'sub: folder', to: 'sub: folder' },
            { from: 'top: level', to: 'top: level' },
          ];
          const request = { place: { kind: 'folder' as const, folder }, items, folder: dir };
          const plan = await planPlaceRestore(request, plainContext());
          expect(plan.items.map(({ to, keepsExisting }) => [to, keepsExisting])).toEqual([
            [`${dir}/sub%3a folder`, false],
            [`${dir}/top%3a level`, false],
          ]);
          const summary = await restorePlace(request, plainContext());
          expectPortable(dir);
          expect(readFileSync(join(dir, 'top%3a level'), 'utf8')).toBe('the top');
          const told = summary.losses.map(({ path, what }) => `${path}: ${what.text}`).join('\n');
          expect(told).toContain('top: level: its name: it is called "top%3a level" here');
          expect(told).toContain(
            'sub: folder/a:b?.txt: its name: it is called "a%3ab%3f.txt" here',
          );
          expect(told).not.toContain('not restored');
          // Once more: what is there stays, and nothing is there twice.
          const again = await restorePlace({ ...request, clash: 'skip' }, plainContext());
          expect(again.items).toEqual([]);
          // The same out of a snapshot.
          mkdirSync(join(dir, 'snapshot'));
          run(dendro, ['restore', join(fs.dir, 'one'), join(dir, 'snapshot')]);
          expectPortable(join(dir, 'snapshot', 'one'));
        } finally {
          close();
        }
      },
    );
  }

  test('a file that is too large for the target comes in pieces, which cat joins', () => {
    const wanted = readFileSync(join(tree, 'large'));
    const from: readonly (readonly string[])[] = [
      ['recover', '--to', '{}', folder, '1', 'large', 'link', 'top: level'],
      [
        'restore',
        '--no-share',
        ...['large', 'link', 'top: level'].map((n) => join(fs.dir, 'one', n)),
        '{}',
      ],
    ];
    for (const [index, args] of from.entries()) {
      const to = join(fs.dir, `pieces-${index}`);
      mkdirSync(to);
      const command = args.map((word) => (word === '{}' ? to : word));
      const { stderr } = run('bash', ['-c', 'ulimit -f 4096; exec "$@"', 'x', dendro, ...command]);
      expect(stderr).toContain('too large for this filesystem');
      for (const name of ['large', 'link']) {
        const pieces = readdirSync(join(to, name)).sort();
        expect(pieces.length).toBeGreaterThan(2);
        const joined = Buffer.concat(pieces.map((piece) => readFileSync(join(to, name, piece))));
        expect(joined.equals(wanted)).toBe(true);
      }
      expect(readFileSync(join(to, 'top: level'), 'utf8')).toBe('the top');
      expect(existsSync(join(to, 'large.001'))).toBe(false);
    }
  });

  test('of a file that is nearly all hole the pieces get smaller until they fit, and have its name', () => {
    const home = join(fs.dir, 'sparse');
    run('btrfs', ['subvolume', 'create', home]);
    mkdirSync(join(home, 'images'));
    const bytes = Buffer.alloc(40 * MIB);
    bytes.write('somewhere', 33 * MIB);
    writeFileSync(join(home, 'images/disk.raw'), bytes);
    run('fallocate', ['--dig-holes', join(home, 'images/disk.raw')]);
    run('btrfs', ['subvolume', 'snapshot', '-r', home, join(fs.dir, 'hole')]);
    for (const [what, at] of [
      ['images/disk.raw', 'disk.raw'],
      ['images', 'images/disk.raw'],
    ] as const) {
      const to = join(fs.dir, `to-${what.replace('/', '-')}`);
      const command = ['restore', '--no-share', join(fs.dir, 'hole', what), to];
      run('bash', ['-c', 'ulimit -f 4096; exec "$@"', 'x', dendro, ...command]);
      const pieces = readdirSync(join(to, at)).sort();
      expect(pieces.slice(0, 2)).toEqual(['disk.raw.001', 'disk.raw.002']);
      const joined = pieces.map((piece) => readFileSync(join(to, at, piece)));
      expect(Buffer.concat(joined).equals(bytes)).toBe(true);
    }
  });
});
