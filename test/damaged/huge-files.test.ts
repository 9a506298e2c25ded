import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dendro } from '../cli/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { FOREIGN, mountForeign } from '../receive/foreign-filesystem.ts';

const HUGE = 2n ** 63n - 1n;
const TOLD = `a file of ${HUGE} bytes; Dendro reads files below 8 PiB`;

// Their sizes were told as damaged metadata, also by verify, of a volume that is whole.
describeKernel('files of 8 PiB and more, nearly all of them hole', () => {
  let fs: TestBtrfs;
  let out: string;
  const at = (path: string): string => `${fs.images[0]!}:/${path}`;

  beforeAll(() => {
    fs = makeBtrfs();
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
