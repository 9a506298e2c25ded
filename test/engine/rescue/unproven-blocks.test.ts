import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyAll, openRescue } from '../../../main/engine/rescue/index.ts';
import { describeKernel } from '../../harness/kernel.ts';
import { withBtrfs } from '../../harness/loop.ts';
import { Random } from '../../harness/random.ts';
import { run } from '../../harness/run.ts';
import { loadSubject, type Subject } from '../../mutation/subject.ts';

const FILES = 200;
const SUBVOLUME = 256;
/** Within the 32 bytes of the checksum, of which CRC-32C takes the first four. */
const IN_CHECKSUM = 3;

// The kernel reads such a block when it is mounted with rescue=all; all in it was lost here.
describeKernel('a tree block that is whole but for its checksum, in every copy', () => {
  let subject: Subject;
  const contents = new Map<string, Buffer>();
  beforeAll(async () => {
    await withBtrfs({ mkfsArgs: ['-n', '4096'] }, (fs) => {
      const random = new Random(5);
      run('btrfs', ['-q', 'subvolume', 'create', `${fs.dir}/data`]);
      for (let i = 0; i < FILES; i++) contents.set(`file-${i}`, random.bytes(i * 40));
      for (const [name, bytes] of contents) writeFileSync(`${fs.dir}/data/${name}`, bytes);
      fs.unmount();
      subject = loadSubject('unproven', fs.images);
    });
  });
  const folder = mkdtempSync(join(tmpdir(), 'dendro-unproven-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([0, 1])('at level %d, is read by rescue, and told as lost', (level) => {
    const blocks = subject.blocks.filter((one) => one.owner === SUBVOLUME && one.level === level);
    expect(blocks.length).toBeGreaterThan(0);
    const spoil = (): void => {
      for (const { copies } of blocks) {
        for (const { device, physical } of copies) device.bytes[physical + IN_CHECKSUM]! ^= 1;
      }
    };
    spoil();
    const rescue = openRescue(subject.devices);
    const to = join(folder, String(level));
    try {
      copyAll(rescue, to, () => true);
      expect(rescue.lost.map((lost) => lost.level)).toEqual(blocks.map(() => level));
      expect(rescue.lost.every(({ leavesFound = 0 }) => leavesFound > 0)).toBe(true);
      for (const [name, bytes] of contents) {
        expect(readFileSync(join(to, 'data', name)).equals(bytes), name).toBe(true);
      }
    } finally {
      rescue.close();
      spoil();
    }
  });

  test('is not read where it is another than its parent has', () => {
    const leaf = subject.blocks.find((one) => one.owner === SUBVOLUME && one.level === 0)!;
    const GENERATION = 80;
    const spoil = (): void => {
      for (const { device, physical } of leaf.copies) {
        device.bytes[physical + IN_CHECKSUM]! ^= 1;
        device.bytes[physical + GENERATION]! ^= 1;
      }
    };
    spoil();
    const rescue = openRescue(subject.devices);
    try {
      const { lost } = rescue.open(SUBVOLUME);
      expect(lost.map(({ leavesFound }) => leavesFound)).toEqual([undefined]);
    } finally {
      rescue.close();
      spoil();
    }
  });
});
