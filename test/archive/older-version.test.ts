import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { restoreArchiveSnapshot } from '../../main/archive/restore/restore-snapshot.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import { context, exportSnapshot } from './archive-harness.ts';

const SNAPSHOTS = 4;

describeKernel('an archive of stream version 1 that goes on with version 2', () => {
  let source: TestBtrfs;
  /** Where nothing is yet that a restore could build on. */
  let other: TestBtrfs;
  let folder: string;
  const snapshot = (i: number): string => join(source.dir, `snap.${i}`);
  beforeAll(() => {
    source = makeBtrfs();
    other = makeBtrfs();
    folder = join(source.dir, 'archive');
    const live = join(source.dir, 'live');
    run('btrfs', ['-q', 'subvolume', 'create', live]);
    writeFileSync(join(live, 'still'), 'the same');
    run('chattr', ['+A', join(live, 'still')]);
    for (let i = 0; i < SNAPSHOTS; i += 1) {
      writeFileSync(join(live, 'file'), `${i}`);
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', live, snapshot(i)]);
    }
  });
  afterAll(() => {
    source.close();
    other.close();
  });

  const notesOf = async (i: number, more: Parameters<typeof exportSnapshot>[2] = {}) =>
    (await exportSnapshot(snapshot(i), folder, more)).notes.map(({ code }) => code);
  const restored = async (point: string): Promise<string> => {
    await restoreArchiveSnapshot({ folder, point, destination: other.dir }, context());
    return runText('lsattr', [join(other.dir, point, 'still')]).split(' ')[0]!;
  };

  // Nobody said that flags of files that do not change stay away for ever.
  test('says once that what did not change lacks its flags; a full export has them', async () => {
    expect(await notesOf(0, { protocol: 1 })).toEqual([]);
    expect(await notesOf(1, { protocol: 1 })).toEqual([]);
    expect(await notesOf(2)).toEqual(['parent-without-flags']);
    expect(await notesOf(2)).toEqual([]);
    expect(await restored('snap.2')).not.toContain('A');
    expect(await notesOf(3, { parent: 'full' })).toEqual([]);
    expect(await restored('snap.3')).toContain('A');
  });
});
