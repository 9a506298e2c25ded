import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { ioctl } from '../harness/syscalls.ts';
import { dendro } from './dendro.ts';

const MIB = 1 << 20;
/** FIDEDUPERANGE: _IOWR(0x94, 54, struct file_dedupe_range), linux/fs.h. */
const DEDUPE_RANGE = 0xc018_9436;
let source: TestBtrfs;
let target: TestBtrfs;
let work: string;
const at = (name: string): string => join(source.dir, name);

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  source = makeBtrfs({ sizeMiB: 300 });
  target = makeBtrfs({ sizeMiB: 300 });
  work = mkdtempSync(join(tmpdir(), 'dendro-just-written-'));
});
afterAll(() => {
  source?.close();
  target?.close();
  if (work) rmSync(work, { recursive: true });
});

/** Lets `to` share what `from` holds, as deduplication tools do. */
function dedupe(from: string, to: string, length: number): void {
  const [source, target] = [openSync(from, 'r'), openSync(to, 'r')];
  const range = Buffer.alloc(24 + 32);
  range.writeBigUInt64LE(BigInt(length), 8);
  range.writeUInt16LE(1, 16);
  range.writeBigInt64LE(BigInt(target), 24);
  ioctl(source, DEDUPE_RANGE, range, 'FIDEDUPERANGE');
  closeSync(source);
  closeSync(target);
  expect([range.readInt32LE(48), Number(range.readBigUInt64LE(40))]).toEqual([0, length]);
}

/** Sends it, receives it with the stock tool, and compares. */
function sendAndCompare(name: string): void {
  expect(dendro(['send', '-q', '-f', join(work, 'stream'), at(name)]).stderr).toBe('');
  run('btrfs', ['receive', '-q', '-f', join(work, 'stream'), target.dir]);
  expect(showDifferences(compareTrees(at(name), join(target.dir, name)))).toEqual([]);
}

describeKernel('a mounted volume is read as it is this moment', () => {
  it('a file that was written a moment ago', () => {
    for (let i = 0; i < 5; i += 1) {
      writeFileSync(at('now'), `written ${i}`);
      expect(dendro(['cat', at('now')]).stdout.toString()).toBe(`written ${i}`);
    }
  });

  it('a snapshot that was taken a moment after its files were written', () => {
    run('btrfs', ['subvolume', 'create', at('home')]);
    for (let i = 0; i < 200; i += 1) writeFileSync(at(`home/${i}`), Buffer.alloc(10_000, `${i} `));
    run('btrfs', ['subvolume', 'snapshot', '-r', at('home'), at('fresh')]);
    sendAndCompare('fresh');
  });

  it('a writable subvolume: as it is at the start of the send, and nothing of it stays', () => {
    writeFileSync(at('home/last'), 'written last');
    expect(dendro(['send', '-q', at('home')]).status).toBe(1);
    const stream = join(work, 'stream');
    expect(dendro(['send', '-q', '--snapshot', '-f', stream, at('home')]).stderr).toBe('');
    run('btrfs', ['receive', '-q', '-f', stream, target.dir]);
    expect(showDifferences(compareTrees(at('home'), join(target.dir, 'home')))).toEqual([]);
    const hidden = [...readdirSync(at('home')), ...readdirSync(source.dir)];
    expect(hidden.filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('a read-only snapshot into which something was just deduplicated', () => {
    writeFileSync(at('home/a'), Buffer.alloc(4 * MIB, 'the same '));
    writeFileSync(at('home/b'), Buffer.alloc(4 * MIB, 'the same '));
    run('btrfs', ['subvolume', 'snapshot', '-r', at('home'), at('deduplicated')]);
    source.sync();
    dedupe(at('deduplicated/a'), at('deduplicated/b'), 4 * MIB);
    sendAndCompare('deduplicated');
  });
});
