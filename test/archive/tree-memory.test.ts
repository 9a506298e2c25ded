// The tree of a restore point was in memory whole: of a million files a `diff` took 1.2 GiB.
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { DendroError } from '../../shared/errors.ts';
import type { ContentOp, Inode } from '../../main/archive/tree/inode.ts';
import type { StreamRef } from '../../main/archive/tree/stream-ref.ts';
import { ArchiveTree, type TreeOptions } from '../../main/archive/tree/tree.ts';
import { heldMiB } from '../harness/held-memory.ts';

const FEW_PAGES = 5;

function treeOf(options: TreeOptions = {}): ArchiveTree {
  const tree = new ArchiveTree(options);
  onTestFinished(() => tree.close());
  return tree;
}

/** A file that stays for the test to look into. */
function file(): { readonly path: string; readonly open: () => number } {
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'file');
  return { path, open: () => openSync(path, 'w+') };
}

const STREAM = { name: 'a stream' } as StreamRef;

type Step = (tree: ArchiveTree) => void;

const aPath = fc
  .array(fc.constantFrom('a', 'b', 'c', '\xe9', 'n'.repeat(200)), { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'));
const aStep: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(aPath, fc.constantFrom('file', 'directory'), fc.nat(99)).map(
    ([path, kind, number]): Step =>
      (tree) =>
        void tree.create(path, kind as 'file' | 'directory', number, 0o640),
  ),
  fc.tuple(aPath, aPath).map(
    ([path, existing]): Step =>
      (tree) =>
        tree.link(path, existing),
  ),
  fc.tuple(aPath, aPath).map(
    ([from, to]): Step =>
      (tree) =>
        tree.rename(from, to),
  ),
  aPath.map(
    (path): Step =>
      (tree) =>
        tree.remove(path),
  ),
  fc.tuple(aPath, fc.nat(99), fc.nat(40_000)).map(([path, number, length]): Step => (tree) => {
    const inode = tree.require(path);
    inode.setXattr(`user.${number % 3}`, Buffer.alloc(length, number));
    inode.removeXattr(`user.${(number + 1) % 3}`);
    inode.setTimes(Buffer.alloc(48, number), number % 2 === 0);
    [inode.mode, inode.uid, inode.gid] = [number, 4_000_000_000 + number, number];
  }),
  fc.tuple(aPath, aPath, fc.nat(99)).map(([path, other, number]): Step => (tree) => {
    const [inode, source] = [tree.require(path), tree.require(other)];
    if (inode.kind !== 'file' || source.kind !== 'file') return;
    const [offset, length] = [2 ** 40 + number, number];
    const run = { chunk: 9, at: number, stride: 12, stream: STREAM };
    inode.change({ kind: 'data', offset, length, ...run });
    inode.change({ kind: 'clone', offset, length, source: source.version, sourceOffset: 7 });
    if (number % 3 === 0) inode.change({ kind: 'size', size: number });
    inode.setHash(Buffer.alloc(32, number));
  }),
);

function tried(step: Step, tree: ArchiveTree): string {
  try {
    step(tree);
    return '';
  } catch (error) {
    if (error instanceof DendroError && error.code === 'index-mismatch') return error.message;
    throw error;
  }
}

function opOf(op: ContentOp): unknown {
  if (op.kind !== 'clone') return op;
  const { inode, ...version } = op.source;
  return { ...op, source: { ...version, id: inode.id } };
}

function described(path: string, inode: Inode): unknown {
  const { id, kind, number, mode, uid, gid, size, links, times, hasOtime, sha256 } = inode;
  const ops = inode.kind === 'file' ? [...inode.changes(undefined)].map(({ op }) => opOf(op)) : [];
  const known = { path, id, kind, number, mode, uid, gid, size, links, times, hasOtime, sha256 };
  return { ...known, ops, xattrs: [...(inode.xattrs ?? [])] };
}

function contents(tree: ArchiveTree): unknown[] {
  return [...tree.walk()].map(({ path, inode }) => described(path, inode));
}

test('a tree of which little is in memory is what it would be', () => {
  fc.assert(
    fc.property(fc.array(aStep, { maxLength: 60 }), (steps) => {
      const { open } = file();
      const [small, large] = [treeOf({ mostPages: FEW_PAGES, open }), treeOf()];
      for (const step of steps) expect(tried(step, small)).toBe(tried(step, large));
      expect(contents(small)).toEqual(contents(large));
      expect(small.names).toBe(contents(large).length);
    }),
    { numRuns: 60 },
  );
});

/** Makes, moves and removes files; returns what is then there, by path. */
function busy(tree: ArchiveTree, count: number): Map<string, number> {
  const there = new Map<string, number>();
  for (let i = 0; i < count; i += 1) {
    const folder = `folder ${Math.floor(i / 100)}`;
    if (i % 100 === 0) tree.create(folder, 'directory', 0, 0o755);
    const path = `${folder}/one of the files ${i}`;
    tree.create(path, 'file', 1000 + i, 0o644).setTimes(Buffer.alloc(48, i), true);
    there.set(path, 1000 + i);
  }
  for (let i = 0; i < count; i += 7) {
    const from = `folder ${Math.floor(i / 100)}/one of the files ${i}`;
    const to = `folder 0/moved ${i}`;
    there.delete(from);
    if (i % 2 === 0) tree.remove(from);
    else {
      tree.rename(from, to);
      there.set(to, 1000 + i);
    }
  }
  return there;
}

function filesOf(tree: ArchiveTree): Map<string, number> {
  const files = new Map<string, number>();
  for (const { path, inode } of tree.walk()) {
    if (inode.kind === 'file') files.set(path, inode.number);
  }
  return files;
}

test('names that were made, moved and removed are found, and no others', () => {
  const tree = treeOf({ mostPages: FEW_PAGES, open: file().open });
  const there = busy(tree, 5_000);
  expect([...filesOf(tree)].sort()).toEqual([...there].sort());
  for (const [path, number] of there) expect(tree.find(path)?.number).toBe(number);
  expect(tree.find('folder 1/one of the files 105')).toBeUndefined();
  expect(tree.find('folder 1')?.children?.get('one of the files 106')?.number).toBe(1106);
  expect(tree.pathOf(tree.find('folder 1')!)).toBe('folder 1');
});

test('where there is no file, or no room in it, all stays in memory', () => {
  const noFile = (): number => {
    throw Object.assign(new Error('read-only'), { errno: -30, syscall: 'open' });
  };
  for (const open of [noFile, () => openSync('/dev/full', 'r+')]) {
    const tree = treeOf({ mostPages: FEW_PAGES, open });
    const there = busy(tree, 2_000);
    expect(filesOf(tree)).toEqual(there);
  }
});

test('what is told of an encrypted archive lies nowhere in the open', () => {
  for (const isSecret of [true, false]) {
    const { path, open } = file();
    const there = busy(treeOf({ mostPages: FEW_PAGES, open, isSecret }), 2_000);
    expect(there.size).toBeGreaterThan(1_000);
    expect(readFileSync(path).includes('one of the files')).toBe(!isSecret);
  }
});

test('three hundred thousand files take a few MiB of memory', { timeout: 60_000 }, () => {
  const before = heldMiB();
  const tree = treeOf({ mostPages: 256, open: file().open });
  for (let i = 0; i < 300_000; i += 1) {
    if (i % 100 === 0) tree.create(`${i / 100}`, 'directory', i, 0o755);
    const inode = tree.create(`${Math.floor(i / 100)}/one of many files ${i}`, 'file', i, 0o644);
    inode.setTimes(Buffer.alloc(48, i), true);
    inode.setXattr('security.selinux', Buffer.from('system_u:object_r:user_home_t:s0'));
    inode.change({
      kind: 'data',
      offset: 0,
      length: 9,
      chunk: 9,
      at: i,
      stride: 0,
      stream: STREAM,
    });
  }
  expect(heldMiB() - before).toBeLessThan(16);
  expect(tree.find('170/one of many files 17003')?.number).toBe(17_003);
});
