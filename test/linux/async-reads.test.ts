import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { allocateAligned, releaseAligned } from '../../main/engine/device/index.ts';
import { AsyncReads } from '../../main/linux/async-reads.ts';
import { Random } from '../harness/random.ts';

const BLOCK = 4096;
const BLOCKS = 700;

function file(content: Uint8Array): number {
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'file'), content);
  const fd = openSync(join(folder, 'file'), constants.O_RDONLY);
  onTestFinished(() => closeSync(fd));
  return fd;
}

test('many reads at a time, long and short, waited for in any order, give what is there', () => {
  const random = new Random(5);
  const content = random.bytes(BLOCK * BLOCKS);
  const fd = file(content);
  const reads = AsyncReads.open()!;
  const most = 64;
  const together = 40;
  const memory = allocateAligned(BLOCK * most * together);
  for (let round = 0; round < 8; round++) {
    const begun = Array.from({ length: together }, (_, i) => {
      const length = BLOCK * (random.chance(0.05) ? most : random.between(1, 4));
      const position = BLOCK * random.between(0, BLOCKS - most);
      const at = i * most * BLOCK;
      const slot = reads.start(fd, memory, at, length, position);
      return { turn: random.between(0, 1e6), slot, at, length, position };
    });
    for (const { slot, at, length, position } of begun.sort((a, b) => a.turn - b.turn)) {
      expect(reads.wait(slot)).toBe(length);
      const got = Buffer.from(memory.subarray(at, at + length));
      expect(got.equals(content.subarray(position, position + length))).toBe(true);
    }
  }
  releaseAligned(memory);
});

test('what the kernel does not take is told to whoever waits, and there is an end to the slots', () => {
  const fd = file(new Uint8Array(BLOCK));
  const reads = AsyncReads.open()!;
  const memory = allocateAligned(BLOCK);
  const bad = reads.start(4095, memory, 0, BLOCK, 0);
  const good = reads.start(fd, memory, 0, BLOCK, 0);
  expect(reads.wait(bad)).toBeLessThan(0);
  expect(reads.wait(good)).toBeLessThanOrEqual(BLOCK);
  const slots: number[] = [];
  for (let slot = 0; (slot = reads.start(fd, memory, 0, BLOCK, 0)) >= 0;) slots.push(slot);
  expect(slots.length).toBeGreaterThan(100);
  for (const slot of slots) expect(reads.wait(slot)).toBe(BLOCK);
  expect(reads.start(fd, memory, 0, BLOCK, 0)).toBeGreaterThanOrEqual(0);
  releaseAligned(memory);
});
