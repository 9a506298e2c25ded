import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openNames, openTree } from '../../main/archive/read/open-tree.ts';
import { openReader } from '../../main/archive/read/reader.ts';
import { findInArchive } from '../../main/archive/verbs/browse.ts';
import { ArchiveTree } from '../../main/archive/tree/tree.ts';
import { entryOf } from '../../main/archive/verbs/entries.ts';
import { withNames } from '../../main/archive/verbs/kept-names.ts';
import { listArchiveFolder } from '../../main/archive/verbs/list-folder.ts';
import type { DirectoryEntry } from '../../shared/model/entry.ts';
import { dendro } from '../harness/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { run } from '../harness/run.ts';
import { context, exportSnapshot, makeChain, type Chain } from './archive-harness.ts';

describeKernel('the names of a point', () => {
  let chain: Chain;
  let folder: string;
  beforeAll(async () => {
    chain = makeChain(4, 31);
    folder = `${chain.source.dir}/archive`;
    for (const snapshot of chain.snapshots) await exportSnapshot(snapshot, folder);
  });
  afterAll(() => chain.source.close());

  const latest = () => ({ folder, point: 'snap.3' });
  const namesOf = (point: string) =>
    withNames({ folder, point }, context().cancel, (names) => names);

  test('are what the whole tree has, with every property', async () => {
    const reader = await openReader(folder);
    for (const ref of reader.all) {
      const whole = openTree(reader, ref, context().cancel).tree;
      const names = openNames(reader, ref, context().cancel);
      const entries = [whole, names].map((tree) =>
        [...tree.walk()].map(({ path, inode }) => entryOf(path, inode)),
      );
      expect(entries[1]).toEqual(entries[0]);
    }
    reader.close();
  });

  // For each folder that somebody opened, and each page of it, the chain was laid out anew.
  test('stay from one question to the next, until something has changed', async () => {
    const ask = () => namesOf('snap.3');
    const first = await ask();
    expect(await ask()).toBe(first);
    expect((await listArchiveFolder({ ...latest(), path: '' }, context())).total).toBeGreaterThan(
      3,
    );
    expect(await namesOf('snap.2')).not.toBe(first);
    const again = await ask();
    utimesSync(`${folder}/live/snap.1.index.zst`, 1, 1);
    expect(await ask()).not.toBe(again);
  });

  // The file that a large tree lies in partly stayed open until the process ended.
  test('are kept of one of two questions that come at the same time', async () => {
    const close = vi.spyOn(ArchiveTree.prototype, 'close');
    onTestFinished(() => close.mockRestore());
    const both = await Promise.all([namesOf('snap.0'), namesOf('snap.1')]);
    expect(both.filter(({ tree }) => close.mock.contexts.includes(tree))).toHaveLength(1);
  });

  test('of a sealed archive are not for whoever has no key', async () => {
    const sealed = `${chain.source.dir}/sealed`;
    const passphrase = 'one two three';
    await exportSnapshot(chain.snapshots[0]!, sealed, { encryption: { passphrase } });
    const input = { folder: sealed, point: 'snap.0', path: '' };
    await listArchiveFolder({ ...input, secrets: { passphrase } }, context());
    for (const secrets of [{}, { passphrase: 'another' }]) {
      await expect(listArchiveFolder({ ...input, secrets }, context())).rejects.toThrow();
    }
  });

  test('pages of a folder are parts of the whole', async () => {
    const path = 'random';
    const { entries, total } = await listArchiveFolder({ ...latest(), path }, context());
    expect(total).toBe(entries.length);
    const pages: DirectoryEntry[] = [];
    for (let offset = 0; offset < total; offset += 2) {
      const page = await listArchiveFolder({ ...latest(), path, offset, limit: 2 }, context());
      pages.push(...page.entries);
    }
    expect(pages).toEqual(entries);
  });

  test('ls -R prints every path, a folder before what is in it', async () => {
    const awkward = `${chain.source.dir}/awkward`;
    run('btrfs', ['-q', 'subvolume', 'create', awkward]);
    mkdirSync(`${awkward}/b/c`, { recursive: true });
    mkdirSync(Buffer.from(`${awkward}/\xff`, 'latin1'));
    for (const name of ['b/c/x', 'b/a', 'a', '\xff/ü']) {
      writeFileSync(Buffer.from(`${awkward}/${name}`, 'latin1'), '');
    }
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', awkward, `${awkward}.1`]);
    const to = `${chain.source.dir}/awkward-archive`;
    await exportSnapshot(`${awkward}.1`, to);
    const all = ['b', 'b/c', 'b/c/x', 'b/a', '\\xff', '\\xff/\\xfc', 'a'];
    const ls = (...more: string[]) =>
      run(dendro, ['archive', 'ls', '-R', to, 'latest', ...more]).stdout.toString();
    expect(ls()).toBe(`${all.join('\n')}\n`);
    expect(ls('b')).toBe('b/c\nb/c/x\nb/a\n');
    expect(ls('/b/c/x')).toBe('b/c/x\n');
    const rows = ls('-l').trimEnd().split('\n');
    expect(rows.map((row) => row.split(' ').at(-1))).toEqual(all);
    const listed = JSON.parse(ls('--json')) as { path: string; entry: DirectoryEntry }[];
    expect(listed.map(({ path }) => path).slice(4, 6)).toEqual(['\udcff', '\udcff/\udcfc']);
    expect(listed[5]!.entry.name).toBe('\udcfc');
    expect(ls('a')).toBe('a\n');
  });

  // The one string that it was made into could be longer than V8 has strings.
  test('find --json writes the array piece by piece', async () => {
    const json = (pattern: string) =>
      run(dendro, ['archive', 'find', '--json', folder, 'snap.3', pattern], {
        accept: [0, 1],
      }).stdout.toString();
    const found = await findInArchive({ ...latest(), pattern: '*' }, context());
    expect(json('*')).toBe(`${JSON.stringify(found, undefined, 2)}\n`);
    expect(json('no-such-name')).toBe('[]\n');
  });
});
