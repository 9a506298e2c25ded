/**
 * `npm run bench -- find [queries] [volume]`: no stock tool does this, so there are times and goals only. Scale 1 is
 * 10,000,000 versions in the catalogue, and 1,000,000 inodes on a volume.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../main/catalogue/database.ts';
import { Catalogue, type PresentPoint } from '../../main/catalogue/index.ts';
import { Intake } from '../../main/catalogue/intake.ts';
import { CancelToken } from '../../main/engine/cancel.ts';
import { closeVolumes } from '../../main/engine/open-volumes.ts';
import { listDirectory } from '../../main/engine/verbs/list-directory.ts';
import { CatalogueQuery } from '../../shared/model/catalogue.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run, runText } from '../harness/run.ts';
import { median } from './measure.ts';

const WORDS = 'report letter photo invoice draft notes budget plan music tax summer garden old new';
const ENDS = ['jpg', 'pdf', 'odt', 'txt', 'mkv', 'c', 'tar.gz', 'png'];
const VERSIONS_OF_ONE = 5;
const SHOWN = 50;

/** @param chosen 'queries', 'volume'; none: both */
export function benchFind(scale: number, chosen: readonly string[]): void {
  const isWanted = (row: string): boolean => chosen.length === 0 || chosen.includes(row);
  console.log('| work | median | slowest | goal |\n| --- | --- | --- | --- |');
  if (isWanted('queries')) benchQueries(Math.round(10_000_000 * scale));
  if (isWanted('volume')) benchVolume(Math.round(1_000_000 * scale), Math.round(10_000 * scale));
}

function line(title: string, times: readonly number[], goalMs: number): void {
  const cells = [`${median(times).toFixed(1)} ms`, `${Math.max(...times).toFixed(1)} ms`];
  const goal = Number.isFinite(goalMs) ? `${goalMs} ms` : '';
  console.log(`| ${[title, ...cells, goal].join(' | ')} |`);
}

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

const QUERIES: readonly (readonly [string, Partial<CatalogueQuery>])[] = [
  ['a frequent part of a name', { text: 'photo' }],
  ['a rare part of a name', { text: 'photo 4711' }],
  ['a part that no name has', { text: 'qqqq' }],
  ['two letters', { text: 'ax' }],
  ['a glob', { text: 'budget*17*.pdf', how: 'glob' }],
  ['an extension', { text: 'mkv', how: 'extension' }],
  ['a whole name', { text: 'tax 815.odt', how: 'name' }],
  ['size', { minBytes: 900_000_000 }],
  ['time', { modifiedFromMs: 1_500_000_000_000, modifiedToMs: 1_500_000_100_000 }],
  ['deleted, by name', { text: 'garden', deleted: 'only' }],
];

/** Each query at a catalogue that was just opened: nothing of it is in SQLite's own cache. */
function benchQueries(versions: number): void {
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  const path = join(folder, 'catalogue.sqlite');
  try {
    fillCatalogue(path, versions);
    for (const [title, query] of QUERIES) {
      const times = Array.from({ length: 5 }, () => {
        const catalogue = new Catalogue(path);
        const time = timed(() => catalogue.find(CatalogueQuery.parse({ ...query, limit: SHOWN })));
        catalogue.close();
        return time;
      });
      line(`first ${SHOWN} of ${versions.toLocaleString('en')} versions: ${title}`, times, 100);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One source in five points, in each of which every file has changed; some are gone at the end. */
function fillCatalogue(path: string, versions: number): void {
  const db = openDatabase(path);
  const random = new Random(7);
  const words = WORDS.split(' ');
  const files = Math.round(versions / VERSIONS_OF_ONE);
  const folders = Math.max(1, Math.round(files / 50));
  db.prepare("INSERT INTO lines (source_uuid, source_name, volume_id) VALUES (?, 'home', 'v')").run(
    '11111111-1111-4111-8111-111111111111',
  );
  for (let seq = 1; seq <= VERSIONS_OF_ONE; seq += 1) {
    db.transaction(() => {
      db.prepare('INSERT INTO points VALUES (1, ?, ?, ?)').run(seq, `p${seq}`, seq * 86_400_000);
      const intake = new Intake(db, 1, seq);
      for (let i = 0; i < folders && seq === 1; i += 1) {
        const parent = i === 0 ? 256 : 1_000 + Math.floor((i - 1) / 10);
        const names = [{ parent, name: Buffer.from(`folder ${i}`) }];
        intake.addNew({ inode: 1_000 + i, type: 2, size: 0, modifiedMs: 0, transid: 1, names });
      }
      for (let i = 0; i < files; i += 1) {
        const word = words[i % words.length]!;
        const text = `${word} ${Math.floor(i / words.length)}.${ENDS[i % ENDS.length]!}`;
        const parent = 1_000 + (i % folders);
        const state = {
          ...{ inode: 10_000_000 + i, type: 1, transid: seq },
          size: random.between(0, 1_000_000_000),
          modifiedMs: 1_400_000_000_000 + random.between(0, 200_000_000_000),
          names: [{ parent, name: Buffer.from(text) }],
        };
        if (seq === 1) intake.addNew(state);
        else intake.set(state.inode, seq === VERSIONS_OF_ONE && i % 100 === 3 ? undefined : state);
      }
    })();
  }
  db.close();
}

/** A volume with so many inodes, and a second point in which some of them have changed. */
function benchVolume(inodes: number, changes: number): void {
  const fs = makeBtrfs({ sizeMiB: 8_192 });
  try {
    const home = join(fs.dir, 'home');
    run('btrfs', ['subvolume', 'create', home]);
    const path = (i: number): string => `${home}/${Math.floor(i / 1_000)}/file ${i}`;
    for (let i = 0; i < inodes; i += 1) {
      if (i % 1_000 === 0) mkdirSync(join(home, `${i / 1_000}`));
      writeFileSync(path(i), '');
    }
    const one = point(fs, 'one', 1);
    const every = Math.floor(inodes / changes);
    for (let i = 0; i < changes; i += 1) writeFileSync(path(i * every), `changed ${i}`);
    const two = point(fs, 'two', 2);
    updates(inodes, changes, one, two);
    firstPages(fs, inodes, two);
  } finally {
    closeVolumes();
    fs.close();
  }
}

function point(fs: TestBtrfs, name: string, day: number): PresentPoint {
  run('btrfs', ['subvolume', 'snapshot', '-r', join(fs.dir, 'home'), join(fs.dir, name)]);
  fs.sync();
  return {
    ...{ pointId: name, sourceUuid: '11111111-1111-4111-8111-111111111111', sourceName: 'home' },
    ...{ volumeId: 'v', takenAtMs: day * 86_400_000 },
    volume: { devices: [fs.device], mountPath: null },
    subvolumeId: Number(runText('btrfs', ['inspect-internal', 'rootid', join(fs.dir, name)])),
  };
}

function updates(inodes: number, changes: number, one: PresentPoint, two: PresentPoint): void {
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  try {
    const catalogue = new Catalogue(join(folder, 'catalogue.sqlite'));
    const whole = timed(() => catalogue.update([one]));
    const title = (what: string): string => `${what} ${inodes.toLocaleString('en')} inodes`;
    line(title('first point of'), [whole], Infinity);
    const grown = timed(() => catalogue.update([one, two]));
    line(title(`${changes.toLocaleString('en')} changes among`), [grown], 2_000);
    catalogue.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The device's cache is dropped and the volume opened anew before each. */
function firstPages(fs: TestBtrfs, inodes: number, { volume, subvolumeId }: PresentPoint): void {
  const context = { cancel: new CancelToken(), progress: () => {} };
  const times = Array.from({ length: 9 }, (_, i) => {
    closeVolumes();
    fs.remount();
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    const path = `${Math.floor((i * inodes) / 9_000)}`;
    return timed(() =>
      listDirectory({ volume, subvolumeId, path, offset: 0, limit: 500 }, context),
    );
  });
  // The first one also compiles what all others use.
  const title = `first page of a folder, cold, among ${inodes.toLocaleString('en')} inodes`;
  line(title, times.slice(1), 50);
}
