import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  KEY,
  SUPERBLOCK_OFFSETS,
  SUPERBLOCK_SIZE,
  TREE,
} from '../../../main/engine/format/constants.ts';
import { ROOT_ITEM, SUPERBLOCK } from '../../../main/engine/format/layouts.ts';
import { verifyVolume } from '../../../main/engine/inspect/index.ts';
import { copyAll, openRescue } from '../../../main/engine/rescue/index.ts';
import { openVolume } from '../../../main/engine/volume/index.ts';
import { describeKernel } from '../../harness/kernel.ts';
import { withBtrfs } from '../../harness/loop.ts';
import { run } from '../../harness/run.ts';
import { forgeItem } from '../../mutation/forge.ts';
import { loadSubject, type Subject } from '../../mutation/subject.ts';

const SPOILT = 256;
const OTHER = 257;

// A block with a right checksum, and yet nonsense in it: memory that went bad before it was written.
describeKernel('a root item that says nothing, in every copy', () => {
  let subject: Subject;
  beforeAll(async () => {
    await withBtrfs({}, (fs) => {
      for (const name of ['spoilt', 'other']) {
        run('btrfs', ['-q', 'subvolume', 'create', `${fs.dir}/${name}`]);
        run('btrfs', ['filesystem', 'sync', fs.dir]);
        writeFileSync(`${fs.dir}/${name}/file`, name);
      }
      run('btrfs', ['filesystem', 'sync', fs.dir]);
      writeFileSync(`${fs.dir}/other/newest`, 'newest');
      fs.unmount();
      subject = loadSubject('root-items', fs.images);
    });
    const item = { objectId: SPOILT, type: KEY.rootItem };
    forgeItem(subject, TREE.root, item, (data) => data.setUint8(ROOT_ITEM.at.level, 200));
  });
  const folder = mkdtempSync(join(tmpdir(), 'dendro-root-items-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('rescue goes on with the others as they are, and with an older root for its own', () => {
    const rescue = openRescue(subject.devices);
    const to = join(folder, 'out');
    const { failed } = copyAll(rescue, to, () => true);
    rescue.close();
    expect(failed).toEqual([]);
    expect(readFileSync(join(to, 'other/newest'), 'utf8')).toBe('newest');
    expect(readFileSync(join(to, 'spoilt/file'), 'utf8')).toBe('spoilt');
    expect(rescue.lost).toMatchObject([{ tree: SPOILT, isRootItem: true }]);
  });

  test('verify names it and goes on', () => {
    const volume = openVolume(subject.devices);
    const { damages, blocks } = verifyVolume(volume);
    const others = subject.blocks.filter(({ owner }) => owner !== SPOILT);
    volume.close();
    expect(damages).toMatchObject([{ reason: 'root-item-damaged', tree: SPOILT }]);
    expect(others.some(({ owner }) => owner === OTHER)).toBe(true);
    expect(blocks).toBe(others.length);
  });

  test('without an older root its leaves are looked for', () => {
    forgetBackupRoots(subject);
    const rescue = openRescue(subject.devices);
    const to = join(folder, 'by-search');
    const { failed } = copyAll(rescue, to, () => true);
    rescue.close();
    expect(failed).toEqual([]);
    expect(readFileSync(join(to, `lost+found/subvolume-${SPOILT}/file`), 'utf8')).toBe('spoilt');
    expect(rescue.lost).toMatchObject([{ tree: SPOILT, isRootItem: true }]);
  });
});

function forgetBackupRoots({ devices, checksum }: Subject): void {
  for (const { bytes, sizeBytes } of devices) {
    for (const at of SUPERBLOCK_OFFSETS.filter((one) => one + SUPERBLOCK_SIZE <= sizeBytes)) {
      const superblock = bytes.subarray(at, at + SUPERBLOCK_SIZE);
      superblock.fill(0, SUPERBLOCK.at.backupRoots);
      superblock.set(checksum.compute(superblock.subarray(SUPERBLOCK.at.fsid)));
    }
  }
}
