import { appendFileSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Catalogue, type PresentPoint } from '../../main/catalogue/index.ts';
import { closeVolumes } from '../../main/engine/open-volumes.ts';
import { CatalogueQuery } from '../../shared/model/catalogue.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';

const SOURCE = '11111111-1111-4111-8111-111111111111';
let minute = 0;

/** Takes a point of `home` and says how to read it. */
function point(fs: TestBtrfs, name: string): PresentPoint {
  run('btrfs', ['subvolume', 'snapshot', '-r', join(fs.dir, 'home'), join(fs.dir, name)]);
  fs.sync();
  return {
    pointId: name,
    sourceUuid: SOURCE,
    sourceName: 'home',
    volumeId: 'volume',
    takenAtMs: (minute += 1) * 60_000,
    volume: { devices: [fs.device], mountPath: fs.dir },
    subvolumeId: Number(runText('btrfs', ['inspect-internal', 'rootid', join(fs.dir, name)])),
  };
}

function withHome(use: (fs: TestBtrfs, catalogue: Catalogue) => void): Promise<void> {
  return withBtrfs({ sizeMiB: 256 }, (fs) => {
    run('btrfs', ['subvolume', 'create', join(fs.dir, 'home')]);
    const catalogue = new Catalogue(':memory:');
    try {
      use(fs, catalogue);
    } finally {
      catalogue.close();
      closeVolumes();
    }
  });
}

const paths = (catalogue: Catalogue, query: Partial<CatalogueQuery>): string[] =>
  catalogue.find(CatalogueQuery.parse(query)).map(({ path }) => path);

describeKernel('the catalogue', () => {
  test('finds by name, glob, extension, size; deleted, moved and changed files', () =>
    withHome((fs, catalogue) => {
      const home = join(fs.dir, 'home');
      mkdirSync(join(home, 'docs/old'), { recursive: true });
      writeFileSync(join(home, 'docs/Letter to Anna.txt'), 'dear Anna');
      writeFileSync(join(home, 'docs/old/x.c'), 'int x;');
      writeFileSync(join(home, 'Grüße.odt'), 'Grüße');
      writeFileSync(Buffer.from(`${home}/\xff\xfe.bin`, 'latin1'), 'bytes');
      writeFileSync(join(home, 'film.mkv'), Buffer.alloc(3_000_000, 1));
      const one = point(fs, 'one');
      appendFileSync(join(home, 'docs/Letter to Anna.txt'), ', and on');
      renameSync(join(home, 'docs/old'), join(home, 'docs/ancient'));
      rmSync(join(home, 'film.mkv'));
      const two = point(fs, 'two');
      const taken = catalogue.update([two, one]);
      expect(taken.map(({ pointId, outcome }) => [pointId, outcome])).toEqual([
        ['one', 'all'],
        ['two', 'changes'],
      ]);
      expect(taken[1]!.inodes).toBeLessThan(8);

      const [letter] = catalogue.find(CatalogueQuery.parse({ text: 'letter' }));
      expect(letter).toMatchObject({
        path: 'docs/Letter to Anna.txt',
        versions: 2,
        isDeleted: false,
        sizeBytes: 17,
        pointId: 'two',
      });
      expect(paths(catalogue, { text: 'GRÜSSE' })).toEqual([]);
      expect(paths(catalogue, { text: 'GRÜß' })).toEqual(['Grüße.odt']);
      expect(paths(catalogue, { text: '*.c', how: 'glob' })).toEqual(['docs/ancient/x.c']);
      expect(paths(catalogue, { text: 'c', how: 'extension' })).toEqual(['docs/ancient/x.c']);
      expect(paths(catalogue, { text: 'x.c', how: 'name' })).toEqual(['docs/ancient/x.c']);
      expect(paths(catalogue, { text: '.c', how: 'name' })).toEqual([]);
      // The top directory, which the tree knows as "..", was changed and has no name.
      expect(paths(catalogue, { text: '..' })).toEqual([]);
      expect(paths(catalogue, { text: 'bin', how: 'extension' })).toEqual(['\udcff\udcfe.bin']);
      expect(paths(catalogue, { minBytes: 2_000_000 })).toEqual(['film.mkv']);
      expect(paths(catalogue, { text: 'm', deleted: 'only' })).toEqual(['film.mkv']);
      expect(paths(catalogue, { text: 'film', deleted: 'no' })).toEqual([]);
      expect(paths(catalogue, { text: 'old', deleted: 'only' })).toEqual(['docs/old']);
    }));

  test('what is saved by writing anew and renaming is one file with versions', () =>
    withHome((fs, catalogue) => {
      const letter = join(fs.dir, 'home', 'letter');
      const save = (text: string): void => {
        writeFileSync(`${letter}~`, text);
        renameSync(`${letter}~`, letter);
      };
      const points = ['one', 'two', 'three'].map((name) => {
        save(`the ${name}`);
        return point(fs, name);
      });
      catalogue.update(points);
      const look = (query: Partial<CatalogueQuery>): unknown =>
        catalogue
          .find(CatalogueQuery.parse(query))
          .map(({ path, versions, isDeleted, sizeBytes, pointId }) => ({
            ...{ path, versions, isDeleted, sizeBytes, pointId },
          }));
      const all = { path: 'letter', versions: 3, isDeleted: false, sizeBytes: 9, pointId: 'three' };
      expect(look({ text: 'letter' })).toEqual([all]);
      expect(look({ minBytes: 1, filesOnly: true })).toEqual([all]);
      expect(look({ text: 'letter', deleted: 'only' })).toEqual([]);
      const small = { ...all, versions: 2, sizeBytes: 7, pointId: 'two' };
      expect(look({ text: 'letter', maxBytes: 8 })).toEqual([small]);
      rmSync(letter);
      catalogue.update([...points, point(fs, 'four')]);
      expect(look({ text: 'letter', deleted: 'only' })).toEqual([{ ...all, isDeleted: true }]);
    }));

  test('is deleted when the newest point of all volumes does not have it', () =>
    withHome((fs, catalogue) => {
      const home = join(fs.dir, 'home');
      mkdirSync(join(home, 'docs'));
      for (const name of ['docs/kept', 'docs/gone']) writeFileSync(join(home, name), name);
      const onDrive = { ...point(fs, 'one'), volumeId: 'drive' };
      rmSync(join(home, 'docs/gone'));
      catalogue.update([onDrive, point(fs, 'two')]);
      const found = catalogue.find(CatalogueQuery.parse({ minBytes: 1, filesOnly: true }));
      const told = found.map(({ path, pointId, isDeleted }) => [path, pointId, isDeleted]);
      expect(told.sort()).toEqual([
        ['docs/gone', 'one', true],
        ['docs/kept', 'two', false],
      ]);
    }));

  // After a lost catalogue a drive's points are taken in first: each path was found once a volume.
  test('is one result with the points that it has on several volumes', () =>
    withHome((fs, catalogue) => {
      const file = join(fs.dir, 'home/docs/letter');
      mkdirSync(join(fs.dir, 'home/docs'));
      writeFileSync(file, 'dear Anna');
      const one = { ...point(fs, 'one'), volumeId: 'drive' };
      appendFileSync(file, ', and on');
      const two = { ...point(fs, 'two'), volumeId: 'drive' };
      const three = point(fs, 'three');
      appendFileSync(file, ', and so on');
      const four = point(fs, 'four');
      rmSync(file);
      const five = { ...point(fs, 'five'), volumeId: 'other drive' };
      catalogue.update([one, two, three, four]);
      const look = (query: Partial<CatalogueQuery>) =>
        catalogue.find(CatalogueQuery.parse({ text: 'letter', ...query }));
      const all = {
        path: 'docs/letter',
        pointId: 'four',
        volumeId: 'volume',
        versions: 3,
        sizeBytes: 28,
        firstPointMs: one.takenAtMs,
        lastPointMs: four.takenAtMs,
        isDeleted: false,
      };
      expect(look({})).toMatchObject([all]);
      expect(look({ maxBytes: 20 })).toMatchObject([
        { sizeBytes: 17, versions: 2, firstPointMs: one.takenAtMs, isDeleted: false },
      ]);
      expect(paths(catalogue, { minBytes: 1, filesOnly: true })).toEqual(['docs/letter']);
      catalogue.update([one, two, three, four, five]);
      expect(look({})).toMatchObject([{ ...all, isDeleted: true }]);
      expect(look({ deleted: 'no' })).toEqual([]);
    }));

  test('goes on with what was taken in of a source whose place another has taken', () =>
    withHome((fs, catalogue) => {
      writeFileSync(join(fs.dir, 'home', 'letter'), 'dear Anna');
      const one = point(fs, 'one');
      catalogue.update([one]);
      appendFileSync(join(fs.dir, 'home', 'letter'), ', and on');
      const two = point(fs, 'two');
      const sourceUuid = 'after-the-rollback';
      const taken = catalogue.update([one, two].map((facts) => ({ ...facts, sourceUuid })));
      expect(taken.map(({ outcome }) => outcome)).toEqual(['known', 'changes']);
      const found = catalogue.find(CatalogueQuery.parse({ text: 'letter' }));
      expect(found).toMatchObject([{ sourceUuid, versions: 2, pointId: 'two' }]);
    }));

  test('is the same when grown by differences and when built in one go', () =>
    withHome((fs, catalogue) => {
      const home = join(fs.dir, 'home');
      const points: PresentPoint[] = [];
      for (let round = 0; round < 4; round += 1) {
        for (let i = 0; i < 50; i += 1)
          writeFileSync(join(home, `f${(i * 7 + round) % 90}`), `${round}`);
        if (round > 0) {
          rmSync(join(home, `f${round}`), { force: true });
          linkSync(join(home, `f${7 + round}`), join(home, `f${7 + round} link`));
          renameSync(join(home, `f${14 + round}`), join(home, `f${21 + round}`));
          appendFileSync(join(home, `f${21 + round}`), 'and changed');
        }
        points.push(point(fs, `p${round}`));
        catalogue.update(points);
      }
      const whole = new Catalogue(':memory:');
      whole.update([points[3]!]);
      const now = (one: Catalogue): string[] =>
        one
          .find(CatalogueQuery.parse({ text: 'f', deleted: 'no', limit: 1000 }))
          .map(({ path, sizeBytes, modifiedAtMs }) => `${path} ${sizeBytes} ${modifiedAtMs}`)
          .sort();
      expect(now(catalogue)).toEqual(now(whole));
      whole.close();
    }));

  test('a point that cannot be read keeps no other from being taken in', () =>
    withHome((fs, catalogue) => {
      writeFileSync(join(fs.dir, 'home', 'file'), 'content');
      const gone = {
        ...point(fs, 'gone'),
        ...{ volumeId: 'pulled', sourceUuid: SOURCE.replaceAll('1', '2') },
        volume: { devices: [`${fs.device}-is-gone`], mountPath: `${fs.dir}-is-gone` },
      };
      const taken = catalogue.update([gone, point(fs, 'here')]);
      expect(taken.map(({ pointId, outcome }) => [pointId, outcome])).toEqual([
        ['gone', 'unreadable'],
        ['here', 'all'],
      ]);
      expect(catalogue.known().points).toEqual(['here']);
      expect(paths(catalogue, { text: 'file' })).toEqual(['file']);
    }));

  test('goes on when the point before is gone, forgets what is nowhere, and is switched off', () =>
    withHome((fs, catalogue) => {
      const home = join(fs.dir, 'home');
      writeFileSync(join(home, 'first-only'), '1');
      const one = point(fs, 'one');
      catalogue.update([one]);
      rmSync(join(home, 'first-only'));
      writeFileSync(join(home, 'second'), '2');
      const two = point(fs, 'two');
      expect(catalogue.update([two])[0]!.outcome).toBe('all');
      expect(paths(catalogue, { text: 'first', deleted: 'only' })).toEqual(['first-only']);
      catalogue.compact(new Set(['two']));
      expect(paths(catalogue, { text: 'first' })).toEqual([]);
      expect(paths(catalogue, { text: 'second' })).toEqual(['second']);
      expect(catalogue.status()).toMatchObject({ points: 1, versions: 1 });
      catalogue.setOff(SOURCE, true);
      expect(paths(catalogue, { text: 'second' })).toEqual([]);
      expect(catalogue.update([two])[0]!.outcome).toBe('off');
      catalogue.setOff(SOURCE, false);
      catalogue.update([two]);
      expect(paths(catalogue, { text: 'second' })).toEqual(['second']);
    }));

  test('stays below its size, the newest points last', () =>
    withHome((fs, catalogue) => {
      const home = join(fs.dir, 'home');
      const points: PresentPoint[] = [];
      for (let round = 0; round < 3; round += 1) {
        writeFileSync(join(home, `round-${round}`), '');
        points.push(point(fs, `p${round}`));
      }
      catalogue.update(points);
      catalogue.compact(new Set(points.map(({ pointId }) => pointId)), 1);
      expect(catalogue.status().points).toBe(1);
      expect(paths(catalogue, { text: 'round' }).sort()).toEqual(['round-0', 'round-1', 'round-2']);
    }));
});
