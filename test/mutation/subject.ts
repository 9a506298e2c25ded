import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { MemoryDevice, openDevice } from '../../main/engine/device/index.ts';
import { KEY, TREE } from '../../main/engine/format/constants.ts';
import { openVolume, parseTreeRoot, type Checksum } from '../../main/engine/volume/index.ts';
import type { TreeRoot, Volume } from '../../main/engine/volume/index.ts';
import { withBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { setXattr } from '../harness/syscalls.ts';

/** Where one copy of a tree block is. */
export interface Copy {
  readonly device: MemoryDevice;
  readonly physical: number;
}
export interface Block {
  readonly owner: number;
  readonly level: number;
  readonly logical: number;
  readonly copies: readonly Copy[];
}
/** A small filesystem in memory, and every tree block in it. */
export interface Subject {
  readonly name: string;
  readonly devices: readonly MemoryDevice[];
  readonly blocks: readonly Block[];
  readonly nodeSize: number;
  readonly checksum: Checksum;
}

const SHAPES = [
  { name: 'dup, 16 KiB', devices: 1, sizeMiB: 128, mkfsArgs: [] },
  {
    name: 'mixed, 4 KiB',
    devices: 1,
    sizeMiB: 64,
    mkfsArgs: ['-M', '-n', '4096', '-O', '^no-holes'],
  },
  {
    name: 'raid1, xxhash',
    devices: 2,
    sizeMiB: 192,
    mkfsArgs: ['-m', 'raid1', '-d', 'raid1', '--csum', 'xxhash', '-n', '4096'],
  },
] as const;

export async function makeSubjects(): Promise<Subject[]> {
  const subjects: Subject[] = [];
  for (const { name, ...options } of SHAPES) {
    await withBtrfs(options, (fs) => {
      fill(fs);
      fs.unmount();
      subjects.push(loadSubject(name, fs.images));
    });
  }
  return subjects;
}

/** A few of everything: the walk over it must be quick, it is done thousands of times. */
export function fill(fs: TestBtrfs): void {
  const random = new Random(3);
  run('btrfs', ['-q', 'subvolume', 'create', `${fs.dir}/data`]);
  const dir = `${fs.dir}/data`;
  mkdirSync(`${dir}/folder`);
  mkdirSync(`${dir}/old`);
  for (const name of '123') writeFileSync(`${dir}/old/${name}`, name);
  for (let i = 0; i < 25; i += 1)
    writeFileSync(`${dir}/folder/${i}-${'name'.repeat(i)}`, random.text(i * 90));
  writeFileSync(`${dir}/long`, random.bytes(70_000));
  run('btrfs', ['property', 'set', `${dir}/folder`, 'compression', 'lzo']);
  for (const compression of ['zlib', 'lzo', 'zstd']) {
    run('btrfs', ['property', 'set', `${dir}/folder`, 'compression', compression]);
    const fd = openSync(`${dir}/folder/${compression}`, 'w');
    writeSync(fd, random.text(30_000));
    fsyncSync(fd);
    writeSync(fd, random.text(5000), 0, 5000, 8192);
    writeSync(fd, 'after a hole', 100_000);
    closeSync(fd);
  }
  symlinkSync('folder/long', `${dir}/symlink`);
  setXattr(`${dir}/long`, 'user.note', random.bytes(100));
  for (let i = 0; i < 30; i += 1) linkSync(`${dir}/long`, `${dir}/${String(i).padEnd(200, 'l')}`);
  run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', dir, `${fs.dir}/snapshot`]);
  change(dir, random);
  run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', dir, `${fs.dir}/snapshot-2`]);
}

/** What the second snapshot has otherwise: for the differences. */
function change(dir: string, random: Random): void {
  writeFileSync(`${dir}/later`, 'after the snapshot');
  mkdirSync(`${dir}/new`);
  renameSync(`${dir}/old`, `${dir}/new/folder`);
  renameSync(`${dir}/new/folder/2`, `${dir}/second`);
  for (let i = 0; i < 25; i += 3) rmSync(`${dir}/folder/${i}-${'name'.repeat(i)}`);
  for (let i = 0; i < 30; i += 2) rmSync(`${dir}/${String(i).padEnd(200, 'l')}`);
  writeFileSync(`${dir}/long`, random.bytes(30_000));
  truncateSync(`${dir}/folder/zstd`, 50_000);
  rmSync(`${dir}/symlink`);
  mkdirSync(`${dir}/symlink`);
  setXattr(`${dir}/long`, 'user.other', random.bytes(50));
}

/** Takes an unmounted filesystem into memory. */
export function loadSubject(name: string, images: readonly string[]): Subject {
  const devices = images.map((image) => {
    const device = openDevice(image);
    const bytes = new Uint8Array(device.sizeBytes);
    device.read(0, bytes.length, bytes, 0);
    device.close();
    return new MemoryDevice(bytes, image);
  });
  const volume = openVolume(devices);
  const blocks = listBlocks(volume, devices);
  const { nodeSize, checksum } = volume;
  volume.close();
  return { name, devices, blocks, nodeSize, checksum };
}

function listBlocks(volume: Volume, devices: readonly MemoryDevice[]): Block[] {
  const blocks = new Map<number, Block>();
  const visit = (logical: number, level: number, generation: number, owner: number): void => {
    if (blocks.has(logical)) return;
    const copies = Array.from({ length: volume.chunks.copyCount(logical) }, (_, rank) => {
      const place = volume.chunks.place(logical, rank);
      return {
        device: devices.find((device) => device.name === place.device)!,
        physical: place.physical,
      };
    });
    blocks.set(logical, { owner, level, logical, copies });
    const node = volume.node(logical, { level, generation });
    for (let slot = 0; level > 0 && slot < node.itemCount; slot += 1) {
      visit(node.childLogical(slot), level - 1, node.childGeneration(slot), owner);
    }
  };
  for (const { logical, level, generation, id } of roots(volume))
    visit(logical, level, generation, id);
  return [...blocks.values()];
}

function roots(volume: Volume): TreeRoot[] {
  const found = [volume.requireRoot(TREE.root), volume.requireRoot(TREE.chunk)];
  const cursor = volume.cursor(TREE.root);
  for (cursor.seek(0, 0, 0); cursor.valid; cursor.next()) {
    if (cursor.type === KEY.rootItem) found.push(parseTreeRoot(cursor.node, cursor.slot));
  }
  return found;
}
