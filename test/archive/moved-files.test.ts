import { cpSync, readdirSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openArchive } from '../../main/archive/folder/archive.ts';
import { rebuildIndex } from '../../main/archive/import/rebuild-index.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import { pruneArchive } from '../../main/archive/prune/prune-archive.ts';
import { describeKernel } from '../harness/kernel.ts';
import { FOREIGN, missingTool, mountForeign } from '../receive/foreign-filesystem.ts';
import { context, exportSnapshot, makeChain, wrongFiles, type Chain } from './archive-harness.ts';

describeKernel('an archive whose files somebody moved', () => {
  let chain: Chain;
  let whole: string;
  let copies = 0;
  beforeAll(async () => {
    chain = makeChain(3, 37);
    whole = `${chain.source.dir}/whole`;
    for (const snapshot of chain.snapshots) await exportSnapshot(snapshot, whole);
  });
  afterAll(() => chain.source.close());

  const copied = (): string => {
    const folder = `${chain.source.dir}/copy-${(copies += 1)}`;
    cpSync(whole, folder, { recursive: true });
    return folder;
  };
  const verify = (folder: string, level: 'quick' | 'full') =>
    verifyArchive({ folder, level }, context());
  const wrong = async (folder: string) => {
    const lists = chain.snapshots.map((path, i) => wrongFiles(folder, `snap.${i}`, path));
    return (await Promise.all(lists)).flat();
  };

  // Every point was there twice: as missing in the old folder, and building on that in the new one.
  test("a source's folder with another name is that source", async () => {
    const folder = copied();
    renameSync(`${folder}/live`, `${folder}/My home`);
    const { manifest, notes } = openArchive(folder);
    expect(manifest.sources.map((source) => source.folder)).toEqual(['My home']);
    expect(notes.map(({ text }) => text)).toEqual(['The folder "live" is called "My home" now.']);
    expect(await verify(folder, 'full')).toMatchObject({ problems: [], points: 3, wholePoints: 3 });
    await exportSnapshot(chain.snapshots[0]!, folder, { parent: 'full' });
    expect(readdirSync(folder)).not.toContain('live');
  });

  const exfat = FOREIGN.find(({ name }) => name === 'exfat')!;
  // Its points were listed twice, as its old name still led there; the files of those that were removed
  // from the one were those of the other.
  test.skipIf(missingTool(exfat))('the same in capitals, where case does not count', async () => {
    const drive = mountForeign(exfat);
    try {
      const folder = `${drive.dir}/archive`;
      cpSync(whole, folder, { recursive: true });
      for (const isRebuilt of [false, true]) {
        // At once they are the same name.
        renameSync(`${folder}/${isRebuilt ? 'LIVE' : 'live'}`, `${folder}/passing`);
        renameSync(`${folder}/passing`, `${folder}/${isRebuilt ? 'Live' : 'LIVE'}`);
        if (isRebuilt) await rebuildIndex({ folder, nowMs: 1 }, context());
        expect(openArchive(folder).manifest.sources.map((one) => one.folder)).toEqual([
          isRebuilt ? 'Live' : 'LIVE',
        ]);
        const verdict = await verify(folder, 'full');
        expect(verdict).toMatchObject({ problems: [], points: 3, wholePoints: 3 });
      }
      // It was told that nobody lists the file, which a person may then remove.
      renameSync(`${folder}/Live/snap.1.btrfs.zst`, `${folder}/passing`);
      renameSync(`${folder}/passing`, `${folder}/Live/Snap.1.btrfs.zst`);
      expect(await verify(folder, 'quick')).toMatchObject({ problems: [], wholePoints: 3 });
      await pruneArchive({ folder, points: ['snap.0'], nowMs: 1 }, context());
      expect(await verify(folder, 'full')).toMatchObject({ problems: [], wholePoints: 2 });
    } finally {
      drive.close();
    }
  });

  test('of a folder and its copy, what is lost in one is not lost in the other', async () => {
    const folder = copied();
    cpSync(`${folder}/live`, `${folder}/live copy`, { recursive: true });
    unlinkSync(`${folder}/live/snap.0.btrfs.zst`);
    expect((await verify(folder, 'quick')).wholePoints).toBe(3);
  });

  // Verify said that rebuild-index takes such a file in, which it did not do.
  test('a stream with another name: rebuild-index takes it in for the one that is missing', async () => {
    const folder = copied();
    renameSync(`${folder}/live/snap.1.btrfs.zst`, `${folder}/live/renamed.btrfs.zst`);
    expect((await verify(folder, 'quick')).wholePoints).toBe(1);
    const summary = await rebuildIndex({ folder, nowMs: 1 }, context());
    expect(summary).toMatchObject({ failures: [], adopted: ['live/snap.1'] });
    expect(await verify(folder, 'full')).toMatchObject({ problems: [], wholePoints: 3 });
    expect(await wrong(folder)).toEqual([]);
    expect(readdirSync(`${folder}/live`).filter((name) => name.startsWith('snap.1'))).toEqual([]);
    unlinkSync(`${folder}/manifest.json`);
    expect(await verify(folder, 'quick')).toMatchObject({ problems: [], wholePoints: 3 });
  });

  // The quick look followed links that reading does not follow, and called all of it whole.
  test('a link in the place of a file is no file', async () => {
    const folder = copied();
    for (const name of ['snap.2.btrfs.zst', 'snap.1.index.zst']) {
      unlinkSync(`${folder}/live/${name}`);
      symlinkSync(`${whole}/live/${name}`, `${folder}/live/${name}`);
    }
    for (const level of ['quick', 'full'] as const) {
      const { problems, wholePoints } = await verify(folder, level);
      expect(wholePoints).toBe(2);
      const links = problems.filter(({ code }) => code === 'not-a-file');
      expect(links.map(({ file }) => file.slice(file.lastIndexOf('/') + 1))).toEqual(
        expect.arrayContaining(['snap.2.btrfs.zst', 'snap.1.index.zst']),
      );
    }
  });

  test('an index that is cut short is named by its own name', async () => {
    const folder = copied();
    cpSync(`${folder}/live/source.json`, `${folder}/live/snap.1.index.zst`);
    unlinkSync(`${folder}/live/snap.0.btrfs.zst`);
    const { problems } = await verify(folder, 'full');
    expect(problems.filter(({ code }) => code === 'seek-table')).toEqual([]);
    const ofIndex = problems.filter(({ spoils }) => spoils.length === 0);
    expect(ofIndex.map(({ file }) => file).filter((file) => !file.includes('index'))).toEqual([]);
  });
});
