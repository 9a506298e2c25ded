import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dendro } from '../cli/dendro.ts';
import { compareTrees } from '../harness/compare.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { FOREIGN, mountForeign } from '../receive/foreign-filesystem.ts';

const HUGE = 2n ** 63n - 1n;
const TOLD = `a file of ${HUGE} bytes; Dendro reads files below 8 PiB`;

// Their sizes were told as damaged metadata, also by verify, of a volume that is whole.
describe.each(['no-holes', '^no-holes'])('%s', (holes) => {
  describeKernel('files of 8 PiB and more, nearly all of them hole', () => huge(holes));
});

function huge(holes: string): void {
  let fs: TestBtrfs;
  let out: string;
  const at = (path: string): string => `${fs.images[0]!}:/${path}`;

  beforeAll(() => {
    fs = makeBtrfs({ mkfsArgs: ['-O', holes] });
    out = join(fs.dir, '..', 'out');
    mkdirSync(out);
    const work = `${fs.dir}/work`;
    run('btrfs', ['-q', 'subvolume', 'create', work]);
    for (const name of ['before', 'zuletzt']) writeFileSync(`${work}/${name}`, name);
    run('truncate', ['-s', `${HUGE}`, `${work}/huge`]);
    run('xfs_io', ['-f', '-c', `pwrite ${2n ** 62n} 9000`, `${work}/data`]);
    run('truncate', ['-s', `${HUGE}`, `${work}/data`]);
    run('chattr', ['+C', work]);
    run('xfs_io', ['-f', '-c', `pwrite ${2n ** 62n} 9000`, `${work}/unchecked`]);
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', work, `${fs.dir}/first`]);
    writeFileSync(`${work}/before`, 'changed');
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', work, `${fs.dir}/second`]);
    for (const name of ['huge', 'data', 'unchecked']) unlinkSync(`${work}/${name}`);
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', work, `${fs.dir}/third`]);
    fs.unmount();
  });
  afterAll(() => fs.close());

  test('are no damage to verify', () => {
    const { status, stdout } = dendro(['verify', fs.images[0]!]);
    expect([status, String(stdout)]).toEqual([0, expect.not.stringContaining('bad')]);
    expect(dendro(['verify', at('first')]).status).toBe(0);
  });

  test.each([
    ['ls', 4],
    ['stat', 5],
    ['cat', 5],
  ] as const)('are named by %s', (command, code) => {
    const { status, stderr } = dendro([command, at(command === 'ls' ? 'first' : 'first/huge')]);
    expect([status, String(stderr)]).toEqual([code, expect.stringContaining(TOLD)]);
  });

  test('are left out of a restore and a comparison, which go on', () => {
    const restored = dendro(['restore', at('first'), out]);
    expect(restored.status).toBe(1);
    expect(String(restored.stderr)).toContain(TOLD);
    for (const name of ['before', 'zuletzt']) {
      expect(readFileSync(join(out, 'first', name), 'utf8')).toBe(name);
    }
    const { stdout } = dendro(['diff', at('first'), at('second')]);
    expect(String(stdout)).toContain('~ before');
  });

  test('stop a send, unless they are excluded', () => {
    fs.mount();
    const send = (...words: string[]) =>
      dendro(['send', ...words, '-f', join(out, 'stream'), `${fs.dir}/first`]);
    const { status, stderr } = send();
    expect([status, String(stderr)]).toEqual([1, expect.stringContaining(TOLD)]);
    const excludes = ['huge', 'data', 'unchecked'].flatMap((name) => ['--exclude', name]);
    expect(send(...excludes).status).toBe(0);
    fs.unmount();
  });

  // An explicit hole of such a file was a number that is too large, and told as damage.
  test('stop no send that takes them away', () => {
    fs.mount();
    const stream = join(out, 'away');
    const snapshots = [`${fs.dir}/second`, `${fs.dir}/third`] as const;
    const { status } = dendro(['send', '-f', stream, '-p', ...snapshots]);
    expect(status).toBe(0);
    expect(String(run('btrfs', ['receive', '--dump', '-f', stream]).stdout)).toContain('unlink');
    fs.unmount();
  });
}

// An explicit hole of more than 1 TiB was told as a damaged extent.
describeKernel('files of some TiB with explicit holes', () => {
  let fs: TestBtrfs;
  beforeAll(() => {
    fs = makeBtrfs({ mkfsArgs: ['-O', '^no-holes'] });
    for (const [name, size] of [
      ['two', '2t'],
      ['most', `${2 ** 53 - 1}`],
    ] as const) {
      run('xfs_io', ['-f', '-c', 'pwrite 0 5000', '-c', `truncate ${size}`, `${fs.dir}/${name}`]);
    }
    fs.unmount();
  });
  afterAll(() => fs.close());

  test.each(['two', 'most'])('are read and restored: %s', (name) => {
    const path = `${fs.images[0]!}:/${name}`;
    expect(dendro(['stat', path]).status).toBe(0);
    const copies = makeBtrfs({ mkfsArgs: ['-O', '^no-holes'] });
    try {
      expect(dendro(['restore', path, copies.dir]).status).toBe(0);
      fs.mount();
      expect(
        compareTrees(fs.dir, copies.dir, {
          ignore: (at) => at !== name && at !== '',
          except: ['mtime', 'mode'],
        }),
      ).toEqual([]);
    } finally {
      fs.unmount();
      copies.close();
    }
  });
});

describeKernel('a file that reaches further than the target can', () => {
  // ext4 ends at 16 TiB, a size that btrfs has no trouble with: the rescue ended there.
  test('is cut by rescue, which says so and goes on', () => {
    const fs = makeBtrfs();
    const target = mountForeign(FOREIGN.find(({ name }) => name === 'ext4')!);
    try {
      run('xfs_io', ['-f', '-c', 'pwrite 20t 9000', `${fs.dir}/far`]);
      writeFileSync(`${fs.dir}/later`, 'later');
      fs.unmount();
      const { status, stderr, stdout } = dendro([
        ...['rescue', '--to', `${target.dir}/out`, fs.images[0]!],
      ]);
      expect([status, String(stdout) + String(stderr)]).toEqual([
        1,
        expect.stringContaining('cannot hold a file of this size'),
      ]);
      expect(readFileSync(`${target.dir}/out/later`, 'utf8')).toBe('later');
    } finally {
      target.close();
      fs.close();
    }
  });
});
