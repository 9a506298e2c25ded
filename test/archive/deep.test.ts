// Paths of more than 4,095 bytes, and a hole of terabytes: a synthetic full, and with it a prune and
// a purge, ended as a stream that is not valid; a drill called every file down there not what it was,
// and read zeros for hours.
import {
  chmodSync,
  mkdirSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dendro } from '../cli/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';

const DIRECTORY = 'd'.repeat(200);
const DEPTH = 45;
const IMMUTABLE = [13, 14, 30];

describeKernel('an archive of a tree that is deeper than PATH_MAX', () => {
  let source: TestBtrfs;
  let archive: string;
  beforeAll(() => {
    source = makeBtrfs({ sizeMiB: 512 });
    const live = `${source.dir}/live`;
    run('btrfs', ['-q', 'subvolume', 'create', live]);
    makeDeepTree(live);
    writeFileSync(`${live}/huge`, 'here');
    truncateSync(`${live}/huge`, 8 * 1024 ** 4);
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', live, `${source.dir}/one`]);
    writeFileSync(`${live}/added`, 'added');
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', live, `${source.dir}/two`]);
    archive = `${source.dir}/archive`;
    done(['archive', 'export', archive, `${source.dir}/one`, `${source.dir}/two`]);
  });
  afterAll(() => {
    run('chattr', ['-R', '-i', source.dir], { accept: [0, 1] });
    source.close();
  });

  test('a drill passes', () => {
    done(['archive', 'drill', '--scratch', source.dir, archive]);
  });

  test('what stays of a prune is made full, as any receiver takes it', () => {
    done(['archive', 'prune', archive, 'one']);
    for (const [name, receiver] of [
      ['stock', 'btrfs receive -q'],
      ['own', './dendro receive'],
    ] as const) {
      const target = `${source.dir}/${name}`;
      mkdirSync(target);
      const stream = `zstd -dc ${archive}/live/two*.btrfs.zst`;
      run('bash', ['-ec', `set -o pipefail; ${stream} | ${receiver} ${target}`]);
      done(['verify', '--against', `${source.dir}/two`, `${target}/two`]);
    }
    done(['archive', 'verify', '--full', archive]);
    done(['diff', `${source.dir}/two`, `${archive}:two`]);
  });

  test('a purge leaves the rest as it was', () => {
    done(['archive', 'purge', archive, '/huge']);
    done(['archive', 'drill', '--scratch', source.dir, archive]);
  });
});

function done(words: string[]): string {
  const { status, stdout, stderr } = dendro(words);
  expect([status, `${stderr}`]).toEqual([0, expect.anything()]);
  return `${stdout}`;
}

/** Immutable folders are among those that a stream with short paths has to move. */
function makeDeepTree(top: string): void {
  const before = process.cwd();
  const random = new Random(3);
  process.chdir(top);
  mkdirSync('deep-1');
  try {
    for (let level = 0; level < DEPTH; level += 1) {
      writeFileSync('file', random.bytes(8192 * ((level % 3) + 1)));
      run('cp', ['--reflink=always', 'file', 'clone']);
      run('ln', ['file', 'linked']);
      symlinkSync('file', 'symlink');
      mkdirSync(DIRECTORY);
      chmodSync(DIRECTORY, 0o750);
      run('setfattr', ['-n', 'user.level', '-v', `${level}`, DIRECTORY]);
      if (IMMUTABLE.includes(level)) mkdirSync('beside');
      process.chdir(DIRECTORY);
    }
    for (let level = DEPTH; level > 0; level -= 1) {
      utimesSync('.', level, level);
      if (IMMUTABLE.includes(level)) run('chattr', ['+i', '.']);
      process.chdir('..');
    }
  } finally {
    process.chdir(before);
  }
}
