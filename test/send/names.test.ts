import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Namespace } from '../../main/engine/stream/namespace.ts';
import { Settler } from '../../main/engine/stream/settle.ts';
import { Random } from '../harness/random.ts';
import { ModelReceiver, ModelTree } from './model-tree.ts';

const text = (path: Uint8Array): string => Buffer.from(path).toString('latin1');

/** Runs the settling of one tree into the other, as the walk over both would drive it. */
function settleAll(old: ModelTree | undefined, fresh: ModelTree): ModelReceiver {
  const receiver = new ModelReceiver(old?.listing() ?? new Map());
  const names = new Namespace(old, fresh);
  const settler = new Settler(names, {
    enter: () => {},
    touch: () => {},
    create: (inode, path) => receiver.create(text(path), `${inode}/${fresh.identity(inode)}`),
    rename: (from, to) => receiver.rename(text(from), text(to)),
    link: (path, existing) => receiver.link(text(path), text(existing)),
    unlink: (path) => receiver.unlink(text(path)),
    rmdir: (path) => receiver.rmdir(text(path)),
  });
  const numbers = new Set([...(old?.inodes.keys() ?? []), ...fresh.inodes.keys()]);
  for (const inode of [...numbers].sort((a, b) => a - b)) {
    const before = old?.identity(inode) ?? -1;
    const after = fresh.identity(inode);
    if (inode !== 256 && before >= 0 && before !== after) settler.remove(inode);
    if (after >= 0 && inode !== 256) {
      const isUnchanged =
        before === after && linkTexts(old!, inode).join() === linkTexts(fresh, inode).join();
      if (!isUnchanged) settler.settle(inode);
    }
    if (after >= 0 && inode !== 256)
      expect(receiver.listing.has(text(names.path(inode)))).toBe(true);
    names.advance(inode);
  }
  settler.removeDirectories();
  return receiver;
}

const linkTexts = (tree: ModelTree, inode: number): string[] =>
  tree
    .links(inode)
    .map(({ parent, name }) => `${parent}/${text(name)}`)
    .sort();

function expectEqual(receiver: ModelReceiver, fresh: ModelTree): void {
  expect([...receiver.listing].sort()).toEqual([...fresh.listing()].sort());
}

/** Random edits: made, removed, moved, linked, swapped, and numbers used again. */
function edit(tree: ModelTree, random: Random, generation: number, edits: number): void {
  const names = ['a', 'b', 'c', 'd', 'é', 'o257-2-0'];
  for (let i = 0; i < edits; i++) {
    const directories = [...tree.directories.keys()];
    const directory = random.pick(directories);
    const entries = tree.directories.get(directory)!;
    const name = random.pick(names);
    const all = directories.flatMap((parent) =>
      [...tree.directories.get(parent)!].map(([n, inode]) => ({ parent, name: n, inode })),
    );
    const action = random.between(0, 10);
    if (action < 3 || all.length === 0) {
      if (entries.has(name)) continue;
      const inode = random.between(257, 290);
      if (tree.inodes.has(inode)) continue;
      const type = random.chance(0.5) ? 4 : 8;
      tree.add(directory, name, inode, { generation, type });
      continue;
    }
    const from = random.pick(all);
    if (action < 5) remove(tree, from);
    else if (action < 6) {
      if (tree.inodes.get(from.inode)!.type === 4 || entries.has(name)) continue;
      entries.set(name, from.inode);
    } else if (action < 7) {
      const to = random.pick(all);
      if (isBelow(tree, to.parent, from.inode) || isBelow(tree, from.parent, to.inode)) continue;
      tree.directories.get(from.parent)!.set(from.name, to.inode);
      tree.directories.get(to.parent)!.set(to.name, from.inode);
    } else {
      if (entries.has(name) || isBelow(tree, directory, from.inode)) continue;
      tree.directories.get(from.parent)!.delete(from.name);
      entries.set(name, from.inode);
    }
  }
}

function remove(tree: ModelTree, from: { parent: number; name: string; inode: number }): void {
  if ((tree.directories.get(from.inode)?.size ?? 0) > 0) return;
  tree.directories.get(from.parent)!.delete(from.name);
  if (tree.links(from.inode).length > 0) return;
  tree.inodes.delete(from.inode);
  tree.directories.delete(from.inode);
}

function isBelow(tree: ModelTree, directory: number, ancestor: number): boolean {
  for (let at = directory; at !== 256; at = tree.links(at)[0]!.parent) {
    if (at === ancestor) return true;
  }
  return ancestor === 256;
}

describe('question 7, names', () => {
  test('any tree becomes any other, by commands that a filesystem accepts', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 60 }), (seed, edits) => {
        const random = new Random(seed);
        const old = new ModelTree();
        edit(old, random, 2, random.between(0, 40));
        const fresh = old.copy();
        edit(fresh, random, 3, edits);
        expectEqual(settleAll(old, fresh), fresh);
        expectEqual(settleAll(undefined, fresh), fresh);
      }),
      { numRuns: 3000 },
    );
  });

  test('two lines that grew from one tree, numbers used twice', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = new Random(seed);
        const base = new ModelTree();
        edit(base, random, 2, 20);
        const one = base.copy();
        edit(one, random, 3, 30);
        const other = base.copy();
        edit(other, random, 4, 30);
        expectEqual(settleAll(one, other), other);
      }),
      { numRuns: 3000 },
    );
  });
});
