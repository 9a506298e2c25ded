import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEY, TREE } from '../../main/engine/format/constants.ts';
import { DIR_ITEM, INODE_ITEM, ROOT_ITEM, TIMESPEC } from '../../main/engine/format/layouts.ts';
import { inodePath, lookup, openSubvolume, readDirectory } from '../../main/engine/tree/index.ts';
import { openVolume } from '../../main/engine/volume/index.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { State } from '../restore/support.ts';
import { forgeItem } from './forge.ts';
import { loadSubject, type Subject } from './subject.ts';

let subject: Subject;
let folder: string;
let state: State;
let image: string;
let whole: string;
let tree: number;
/** Inodes by name, and the indexes of the entries of `a/b`. */
const inodes: Record<string, number> = {};
const entries: Record<string, number> = {};

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  [image, whole] = [join(folder, 'forged.img'), join(folder, 'whole.img')];
  state = new State();
  await withBtrfs({ sizeMiB: 128 }, (fs) => {
    run('btrfs', ['-q', 'subvolume', 'create', `${fs.dir}/data`]);
    for (const name of ['a', 'a/b', 'a/b/one', 'a/b/two']) mkdirSync(`${fs.dir}/data/${name}`);
    writeFileSync(`${fs.dir}/data/a/b/file`, 'what can be read');
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', `${fs.dir}/data`, `${fs.dir}/snapshot`]);
    fs.unmount();
    subject = loadSubject('circles', fs.images);
  });
  writeFileSync(whole, subject.devices[0]!.bytes);
  const volume = openVolume(subject.devices);
  const snapshot = openSubvolume(volume, Buffer.from('snapshot'));
  tree = snapshot.id;
  for (const path of ['a', 'a/b', 'a/b/file'])
    inodes[path] = lookup(snapshot, Buffer.from(path)).inode;
  for (const { name, index } of readDirectory(snapshot, inodes['a/b']!)) {
    entries[Buffer.from(name).toString()] = index;
  }
  volume.close();
});
afterAll(() => {
  state?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Has an entry of `a/b` lead to another inode. */
function leadTo(name: string, inode: number): () => void {
  const key = { objectId: inodes['a/b']!, type: KEY.dirIndex, offset: entries[name]! };
  return forgeItem(subject, tree, key, (data) =>
    data.setBigUint64(DIR_ITEM.at.location, BigInt(inode), true),
  );
}

async function withForged(undo: () => void, body: () => Promise<void>): Promise<void> {
  writeFileSync(image, subject.devices[0]!.bytes);
  undo();
  await body();
}

describeKernel('damaged names that lead in circles', () => {
  // The walks ended with a full stack after some thousand folders within each other; where two
  // names lead back, with nothing in any time: 2 to the depth.
  test.each([
    ['a folder in itself', ['a/b']],
    ['two names of the folder above', ['a', 'a']],
    ['two names of the top', ['', '']],
  ])('%s: what can be restored is, once, and the circle is told', async (_, targets) => {
    const undo = targets.map((target, i) =>
      leadTo(['one', 'two'][i]!, target === '' ? 256 : inodes[target]!),
    );
    await withForged(
      () => undo.reverse().forEach((one) => one()),
      async () => {
        const found = join(folder, 'found');
        mkdirSync(found);
        const { status, stdout } = await state.run(
          'restore',
          '--json',
          `${image}:/snapshot`,
          found,
        );
        expect(status).toBe(1);
        const { damages, files } = (
          JSON.parse(stdout) as [{ damages: object[]; files: number }]
        )[0];
        expect(damages).toMatchObject(
          targets.map((_target, i) => ({ path: `a/b/${['one', 'two'][i]}`, offset: null })),
        );
        expect(files).toBe(1);
        rmSync(found, { recursive: true });
      },
    );
  });

  test('comparing, also with another volume, and the record of a snapshot end', async () => {
    await withForged(leadTo('one', inodes['a']!), async () => {
      const { stderr } = await state.run('diff', `${whole}:/snapshot`, `${image}:/snapshot`);
      expect(stderr).toMatch(/not readable: a\/b\/one: Folder \d+ stands in two places/);
      const record = await state.run('verify', '--record', `${image}:/snapshot`);
      expect(record.stderr).toMatch(/missing in a\/b\/one: Folder \d+ stands in two places/);
      expect(record.status).toBe(4);
      const args = ['--against', `${whole}:/snapshot`, `${image}:/snapshot`];
      expect((await state.run('verify', ...args)).stderr).toContain('directory-twice');
    });
  });

  // 4,096 steps for each inode, each with a longer path put together: 5 s for thirty files.
  test('a top that is forged is found out in a few steps', () => {
    const undo = forgeItem(subject, TREE.root, { objectId: tree, type: KEY.rootItem }, (data) =>
      data.setBigUint64(ROOT_ITEM.at.rootDirectory, 99_999n, true),
    );
    const volume = openVolume(subject.devices);
    try {
      const snapshot = openSubvolume(volume, Buffer.from('snapshot'));
      let steps = 0;
      const counting = Object.create(snapshot, {
        cursor: {
          value: () => {
            const cursor = snapshot.cursor();
            const seek = cursor.seek.bind(cursor);
            cursor.seek = (...key) => {
              steps += 1;
              return seek(...key);
            };
            return cursor;
          },
        },
      }) as typeof snapshot;
      expect(inodePath(counting, inodes['a/b/file']!)).toBeUndefined();
      expect(steps).toBeLessThan(20);
    } finally {
      volume.close();
      undo();
    }
  });

  // It went out as the transid of the stream: one that no receiver takes.
  test('a transaction that cannot be is no stream', async () => {
    const undo = forgeItem(subject, TREE.root, { objectId: tree, type: KEY.rootItem }, (data) =>
      data.setBigUint64(ROOT_ITEM.at.ctransid, 0xffff_ffff_ffff_ffffn, true),
    );
    await withForged(undo, async () => {
      const stream = join(folder, 'stream');
      const { status, stderr } = await state.run('send', '-f', stream, `${image}:/snapshot`);
      expect(status).not.toBe(0);
      expect(stderr).toContain('root-item-damaged');
    });
  });

  // Streams went out with such times and sizes, and no receiver took them.
  test.each([
    ['a time', INODE_ITEM.at.mtime + TIMESPEC.at.nanoseconds, 0xffff_ffffn],
    ['a size', INODE_ITEM.at.size, 0xffff_ffff_ffff_ffffn],
  ])('%s that cannot be is no stream', async (_, at, value) => {
    const key = { objectId: inodes['a/b/file']!, type: KEY.inodeItem };
    const undo = forgeItem(subject, tree, key, (data) =>
      value > 0xffff_ffffn
        ? data.setBigUint64(at, value, true)
        : data.setUint32(at, Number(value), true),
    );
    await withForged(undo, async () => {
      const stream = join(folder, 'stream');
      const { status, stderr } = await state.run('send', '-f', stream, `${image}:/snapshot`);
      expect(status).not.toBe(0);
      expect(stderr).toContain('inode-item-damaged');
    });
  });
});
