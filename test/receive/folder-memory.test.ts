// A receive into a plain folder kept all that it has to remember in memory: 527 MB of a million
// names.
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { FolderMemory, type Entry } from '../../main/engine/sink/folder-memory.ts';
import { text } from './receive-harness.ts';
import { heldMiB } from '../harness/held-memory.ts';

/** Opens empty files that are gone when the test ends. */
function files(): () => number {
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  const open: number[] = [];
  onTestFinished(() => {
    for (const fd of open) closeSync(fd);
    rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const fd = openSync(`${folder}/${open.length}`, 'w+');
    open.push(fd);
    return fd;
  };
}

test('three hundred thousand names take a few MiB of memory', { timeout: 60_000 }, () => {
  const memory = new FolderMemory(files());
  const before = heldMiB();
  let most = 0;
  for (let i = 0; i < 300_000; i += 1) {
    const path = text(`folder ${i % 3000}/one of many files ${i}`);
    Object.assign(memory.memo(path), {
      mode: 0o640,
      uid: i,
      gid: 7,
      times: i.toString(16).padStart(96, '0'),
    });
    memory.rest();
    if (i % 50_000 === 49_999) most = Math.max(most, heldMiB());
  }
  expect(most - before).toBeLessThan(24);
  let count = 0;
  for (const { entry } of memory.walk()) if (entry.memo !== undefined) count += 1;
  expect(count).toBe(300_000);
  expect(memory.find(text('folder 17/one of many files 3017'))?.memo?.uid).toBe(3017);
});

type Step = (memory: FolderMemory) => void;

const aPath = fc
  .array(fc.constantFrom('a', 'b', 'c', '\xe9'), { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'));
const aStep: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(aPath, fc.nat(99)).map(
    ([path, uid]): Step =>
      (memory) =>
        void (memory.memo(text(path)).uid = uid),
  ),
  fc.tuple(aPath, fc.nat(99)).map(([path, number]): Step => (memory) => {
    memory.entry(text(path)).real = text(`real ${number}`);
    memory.hasRealNames = true;
  }),
  aPath.map(
    (path): Step =>
      (memory) =>
        void memory.remove(text(path)),
  ),
  fc.tuple(aPath, aPath).map(([one, other]): Step => (memory) => {
    const memo = memory.memo(text(one));
    memory.entry(text(other)).memo = memo;
  }),
  fc.tuple(aPath, aPath).map(([from, to]): Step => (memory) => {
    if (`${to}/`.startsWith(`${from}/`) || `${from}/`.startsWith(`${to}/`)) return;
    const entry = memory.remove(text(from));
    if (entry === undefined) memory.remove(text(to));
    else memory.put(text(to), entry);
  }),
  aPath.map((path): Step => (memory) => {
    const entry = memory.find(text(path));
    if (entry?.memo !== undefined) entry.memo.changed = memory.copy(entry);
  }),
);

/** All that is remembered, and which names share it. */
function contents(memory: FolderMemory): string[] {
  const names = new Map<number, string[]>();
  const numberOf = ({ memo }: Entry): number => (memo === undefined ? -1 : memory.inodes.of(memo));
  const found = [...memory.walk()].filter(({ entry: { memo, real } }) => memo ?? real);
  for (const { path, entry } of found) {
    const shared = names.get(numberOf(entry)) ?? [];
    names.set(numberOf(entry), [...shared, path.toString('latin1')].sort());
  }
  return found
    .map(({ path, entry }) => {
      const { memo, real, copy } = entry;
      const shared = memo === undefined ? [] : names.get(numberOf(entry))!;
      const isChanged = memo?.changed !== undefined && memo.changed === copy;
      const says = [memo?.uid, real?.toString(), isChanged, memory.real(path).toString('latin1')];
      return [path.toString('latin1'), ...says, ...shared].join(', ');
    })
    .sort();
}

test('names that are in the file are what they would be in memory', () => {
  const newFile = files();
  fc.assert(
    fc.property(
      fc.array(aStep, { maxLength: 60 }),
      fc.integer({ min: 1, max: 6 }),
      (steps, most) => {
        const [whole, spilled] = [new FolderMemory(), new FolderMemory(newFile, most)];
        for (const step of steps) {
          for (const memory of [whole, spilled]) {
            step(memory);
            memory.rest();
          }
          expect(contents(spilled)).toEqual(contents(whole));
        }
      },
    ),
    { numRuns: 150 },
  );
});
