import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changedSince, type ChangedInode } from '../../main/engine/inspect/index.ts';
import { openSubvolume } from '../../main/engine/tree/index.ts';
import { openVolume, type Volume } from '../../main/engine/volume/index.ts';
import { dendro } from '../harness/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { RandomTree } from '../harness/random-tree.ts';
import { run, runText } from '../harness/run.ts';

describeKernel('question 10: what changed since a generation, at a glance', () => {
  let disk: TestBtrfs;
  let work: string;
  beforeAll(() => {
    disk = makeBtrfs({ sizeMiB: 1024 });
    work = join(disk.dir, 'work');
    run('btrfs', ['-q', 'subvolume', 'create', work]);
  });
  afterAll(() => disk.close());

  const snapshot = (name: string): string => {
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', work, join(disk.dir, name)]);
    return join(disk.dir, name);
  };

  function looking<T>(use: (volume: Volume) => T): T {
    disk.sync();
    const volume = openVolume(disk.devices);
    try {
      return use(volume);
    } finally {
      volume.close();
    }
  }

  /** What changed in one snapshot since another. */
  function changed(from: string, to: string): ChangedInode[] {
    return looking((volume) => {
      const { otransid } = openSubvolume(volume, Buffer.from(basename(from))).info;
      return [...changedSince(openSubvolume(volume, Buffer.from(basename(to))), otransid)];
    });
  }

  const shown = (found: readonly ChangedInode[]): string[] =>
    found.map(({ path, isNew }) => `${isNew ? '+' : '~'} ${text(path)}`).sort();

  test.each([1, 2, 3, 4, 5, 6])('random history %i: nothing that changed is missing', (seed) => {
    mkdirSync(join(work, `tree-${seed}`));
    new RandomTree(join(work, `tree-${seed}`), seed).edit(60);
    const from = snapshot(`from-${seed}`);
    new RandomTree(join(work, `tree-${seed}`), seed + 100).edit(60);
    const to = snapshot(`to-${seed}`);
    const found = new Map(changed(from, to).map((one) => [one.inode, one]));
    const [before, after] = [inodes(from), inodes(to)];
    for (const [inode, { ctime, birth, path }] of after) {
      const old = before.get(inode);
      if (old?.ctime === ctime) continue;
      expect(found.get(inode), path).toMatchObject({ isNew: old?.birth !== birth });
    }
    // What `btrfs subvolume find-new` knows: files with new data.
    const { otransid } = looking(
      (volume) => openSubvolume(volume, Buffer.from(basename(from))).info,
    );
    const lines = runText('btrfs', ['subvolume', 'find-new', to, `${otransid + 1}`]);
    const numbers = [...lines.matchAll(/^inode (\d+) /gm)].map(([, number]) => Number(number));
    expect(numbers.length).toBeGreaterThan(0);
    for (const number of numbers) expect(found.has(number), `inode ${number}`).toBe(true);
  });

  test('its limits, which the command states: what was deleted, what was undone, what it was', () => {
    const dir = join(work, 'limits');
    mkdirSync(dir);
    for (const name of ['deleted', 'undone', 'mode', 'data', 'same']) {
      writeFileSync(join(dir, name), name);
    }
    const from = snapshot('limits-from');
    rmSync(join(dir, 'deleted'));
    chmodSync(join(dir, 'undone'), 0o600);
    chmodSync(join(dir, 'undone'), 0o644);
    chmodSync(join(dir, 'mode'), 0o600);
    writeFileSync(join(dir, 'data'), 'other');
    writeFileSync(join(dir, 'made'), 'made');
    const to = snapshot('limits-to');
    expect(shown(changed(from, to))).toEqual([
      '+ limits/made',
      '~ limits',
      '~ limits/data',
      '~ limits/mode',
      '~ limits/undone',
    ]);
    expect(changed(to, to)).toEqual([]);
    const help = runText(dendro, ['changed-since', '--help']);
    for (const limit of ['deleted', 'not known', 'undone']) expect(help).toContain(limit);
  });

  test('it reads what was written since, however much there is', () => {
    for (let i = 0; i < 20_000; i += 1) {
      if (i % 500 === 0) mkdirSync(join(work, `many/${i / 500}`), { recursive: true });
      writeFileSync(join(work, `many/${Math.floor(i / 500)}/${i}`), `${i}`.repeat(50));
    }
    const from = snapshot('many-from');
    for (const path of ['many/3/1700', 'many/30/15100']) chmodSync(join(work, path), 0o600);
    const to = snapshot('many-to');
    const before = sectorsRead(disk);
    expect(shown(changed(from, to))).toEqual(['~ many/3/1700', '~ many/30/15100']);
    // the whole tree is 20 MB
    expect((sectorsRead(disk) - before) * 512).toBeLessThan(2 << 20);
  });
});

interface Seen {
  readonly path: string;
  readonly ctime: bigint;
  readonly birth: bigint;
}

/** By number, those of a mounted snapshot. */
function inodes(dir: string): Map<number, Seen> {
  const found = new Map<number, Seen>();
  const paths = run('find', [dir, '-print0']).stdout.toString('latin1');
  for (const path of paths.split('\0').slice(0, -1)) {
    const { ino, ctimeNs, birthtimeNs } = lstatSync(Buffer.from(path, 'latin1'), { bigint: true });
    found.set(Number(ino), { path, ctime: ctimeNs, birth: birthtimeNs });
  }
  return found;
}

function sectorsRead({ devices }: TestBtrfs): number {
  const stat = readFileSync(`/sys/class/block/${basename(devices[0]!)}/stat`, 'utf8');
  return Number(stat.trim().split(/\s+/)[2]);
}

function text(path: Uint8Array | undefined): string {
  return path === undefined ? '(no name)' : Buffer.from(path).toString('latin1');
}
