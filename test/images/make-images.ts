/**
 * Makes the fixture images again, as root: `node test/images/make-images.ts [name ...]`.
 * mkfs.btrfs and the kernel make them and say what is in them; Dendro has no part in it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { describeNode } from '../harness/compare.ts';
import { fillTree } from '../harness/fill.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { RandomTree } from '../harness/random-tree.ts';
import { CompressibleRandom } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { walkTree } from '../harness/walk.ts';
import type { ExpectedTree } from './fixtures.ts';

interface Recipe {
  readonly name: string;
  readonly sizeMiB: number;
  readonly devices?: number;
  readonly mkfsArgs: readonly string[];
  readonly mountOptions?: string;
  /** Ordinary files besides those of every kind. */
  readonly files: number;
}

const recipes: readonly Recipe[] = [
  { name: 'laptop', sizeMiB: 256, mkfsArgs: ['-L', 'laptop'], files: 2200 },
  {
    name: 'sha256-mixed-4k-lzo',
    sizeMiB: 64,
    mkfsArgs: ['--csum', 'sha256', '--mixed', '-n', '4096'],
    mountOptions: 'compress-force=lzo',
    files: 60,
  },
  {
    name: 'xxhash-explicit-holes-zstd',
    sizeMiB: 128,
    mkfsArgs: ['--csum', 'xxhash', '-O', '^no-holes'],
    mountOptions: 'compress-force=zstd',
    files: 60,
  },
  {
    name: 'blake2-64k-zlib',
    sizeMiB: 512,
    mkfsArgs: ['--csum', 'blake2', '-n', '65536'],
    mountOptions: 'compress-force=zlib',
    files: 60,
  },
  {
    name: 'raid1-two-devices',
    sizeMiB: 256,
    devices: 2,
    mkfsArgs: ['-d', 'raid1', '-m', 'raid1'],
    files: 60,
  },
  {
    name: 'raid5-three-devices',
    sizeMiB: 256,
    devices: 3,
    mkfsArgs: ['-d', 'raid5', '-m', 'raid1c3'],
    files: 60,
  },
];

const chosen = process.argv.slice(2);
for (const recipe of recipes) {
  if (chosen.length === 0 || chosen.includes(recipe.name)) make(recipe);
}

function make(recipe: Recipe): void {
  const volume = makeBtrfs(recipe);
  try {
    const paths = populate(volume, recipe);
    volume.remount('ro');
    const expected = Object.fromEntries(
      paths.map((path) => [path, describeTree(join(volume.dir, path))]),
    );
    volume.unmount();
    volume.images.forEach((image, index) => {
      pack(readFileSync(image), `${recipe.name}.disk${index}.img.zst`);
    });
    pack(Buffer.from(JSON.stringify(expected)), `${recipe.name}.json.zst`);
  } finally {
    volume.close();
  }
}

/** A home with two snapshots, random edits between them; returns the subvolumes' paths. */
function populate(volume: TestBtrfs, recipe: Recipe): string[] {
  const inside = (path: string) => join(volume.dir, path);
  const random = new CompressibleRandom(recipe.name.length);
  const snapshot = (to: string) =>
    run('btrfs', ['subvolume', 'snapshot', '-r', inside('home'), inside(to)]);
  run('btrfs', ['subvolume', 'create', inside('home')]);
  run('mkdir', [inside('snapshots')]);
  fillTree(inside('home'), { random, files: recipe.files });
  volume.sync();
  snapshot('snapshots/home.1');
  new RandomTree(inside('home/tree'), random).edit(Math.ceil(recipe.files / 4));
  volume.sync();
  snapshot('snapshots/home.2');
  return ['home', 'snapshots/home.1', 'snapshots/home.2'];
}

function describeTree(top: string): ExpectedTree {
  return Object.fromEntries(
    walkTree(top).map((node) => [
      node.path,
      { ...describeNode(node), inode: `${node.stat.ino}`, nlink: `${node.stat.nlink}` },
    ]),
  );
}

function pack(content: Buffer, name: string): void {
  const params = { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_windowLog]: 27 };
  const packed = zstdCompressSync(content, { params });
  writeFileSync(join(import.meta.dirname, name), packed);
  console.log(`${name}: ${content.length} bytes as ${packed.length}`);
}
