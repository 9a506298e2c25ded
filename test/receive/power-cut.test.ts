import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { INODE_FLAG } from '../../main/engine/format/constants.ts';
import { StagingRecords } from '../../main/engine/sink/staging-records.ts';
import { CuttableDisk } from '../harness/cuttable-disk.ts';
import { describeKernel } from '../harness/kernel.ts';
import { runText } from '../harness/run.ts';
import { errorOf, fullStream, receiveBytes, text } from './receive-harness.ts';

const PIECE = Buffer.alloc(4096, 'piece');

describeKernel('a power cut right after a checkpoint', () => {
  // What the stream is, and the flags, were not on the drive yet: empty files.
  test('it is gone on with, and no flag that was to be set at the end is lost', () => {
    const disk = new CuttableDisk(256);
    try {
      const stream = fullStream(
        'barred',
        (e) => {
          for (const [index, name] of ['file', 'other'].entries()) {
            e.mkfile(text(name), 257 + index);
            e.fileattr(text(name), INODE_FLAG.immutable);
          }
          e.mkfile(text('large'), 259);
          for (let i = 0; i < 20; i += 1) e.write(text('large'), i * PIECE.length, PIECE);
        },
        2,
      );
      const part = stream.subarray(0, stream.length - 5 * PIECE.length);
      const cut = errorOf(() => receiveBytes(part, disk.dir));
      expect(cut.code).toBe('stream-cut-short');
      disk.cut();
      disk.start();
      const { snapshots } = receiveBytes(stream, disk.dir);
      expect(snapshots[0]!.resumedAt).toBeGreaterThan(15);
      const flags = runText('lsattr', [`${disk.dir}/barred`]).split('\n');
      expect(flags.map((line) => line.replace(/ .*\//, ' '))).toEqual([
        '----i----------------- file',
        '----i----------------- other',
        '---------------------- large',
      ]);
      expect(readFileSync(`${disk.dir}/barred/large`).length).toBe(20 * PIECE.length);
    } finally {
      disk.close();
    }
  });
});

// The inodes that are made once more need not have the numbers that they had.
test('flags recorded behind the checkpoint that is gone back to do not count any more', () => {
  const dir = mkdtempSync(join(tmpdir(), 'records-'));
  const folder = openSync(dir, 'r');
  try {
    const records = new StagingRecords(folder);
    records.addFlags(5, 300, 1);
    records.addFlags(6, 301, 2);
    records.addFlags(8, 300, 4);
    records.addFlags(9, 302, 8);
    records.goBack(6);
    expect([...records.flagsBefore(Infinity)]).toEqual([
      [300, 1],
      [301, 2],
    ]);
    records.addFlags(9, 303, 8);
    const later = new StagingRecords(folder);
    expect(later.flagsBefore(9).get(302)).toBeUndefined();
    expect(later.flagsBefore(9).get(303)).toBe(8);
    expect(later.flagsBefore(5)).toEqual(new Map([[300, 1]]));
  } finally {
    closeSync(folder);
    rmSync(dir, { recursive: true });
  }
});
