import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { inUse } from '../../main/catalogue/database.ts';
import type { PresentPoint } from '../../main/catalogue/index.ts';
import { CatalogueThreads } from '../../main/catalogue/threads.ts';
import { CatalogueQuery } from '../../shared/model/catalogue.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';

const PAGE_BYTES = 4096;
const SOURCE = '11111111-1111-4111-8111-111111111111';

describeKernel('the catalogue in its threads', () => {
  test('finds while it takes in, is cut off whole, and goes on where it was', () =>
    withBtrfs({ sizeMiB: 256 }, async (fs) => {
      const home = join(fs.dir, 'home');
      run('btrfs', ['subvolume', 'create', home]);
      for (let i = 0; i < 5_000; i += 1) writeFileSync(join(home, `file ${i}`), '');
      run('btrfs', ['subvolume', 'snapshot', '-r', home, join(fs.dir, 'one')]);
      fs.sync();
      const point: PresentPoint = {
        ...{ pointId: 'one', sourceUuid: SOURCE, sourceName: 'home', volumeId: 'v' },
        ...{ takenAtMs: 60_000, volume: { devices: [fs.device], mountPath: null } },
        subvolumeId: Number(runText('btrfs', ['inspect-internal', 'rootid', join(fs.dir, 'one')])),
      };
      const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
      const path = join(folder, 'catalogue.sqlite');
      try {
        const cut = new CatalogueThreads(path);
        const query = CatalogueQuery.parse({ text: 'file 4711' });
        expect(await cut.find(query)).toEqual([]);
        const updating = cut.update([point]).catch((error: unknown) => error);
        // Answered by another thread, whatever the first one is at.
        expect((await cut.status()).off).toEqual([]);
        await cut.close();
        const outcome = await updating;
        const isWhole = Array.isArray(outcome);
        if (!isWhole) expect(outcome).toMatchObject({ kind: 'Cancelled' });

        const next = new CatalogueThreads(path);
        expect((await next.known()).points).toEqual(isWhole ? ['one'] : []);
        await next.update([point]);
        // What was written leaves SQLite's log once the answer is given.
        await expect.poll(() => statSync(path).size).toBeGreaterThan(200_000);
        expect((await next.find(query)).map((found) => found.path)).toEqual(['file 4711']);
        await next.setOff(SOURCE, true);
        expect(await next.find(query)).toEqual([]);
        expect((await next.known()).off).toEqual([SOURCE]);
        await next.close();
      } finally {
        rmSync(folder, { recursive: true });
      }
    }));
});

// It was a defect of Dendro, each time anew: only one that is damaged at its beginning was thrown away.
test('one that is damaged in its middle is thrown away, and begun anew', async () => {
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  const path = join(folder, 'catalogue.sqlite');
  const threads = (): CatalogueThreads => new CatalogueThreads(path);
  try {
    const first = threads();
    await first.setOff(SOURCE, true);
    await first.close();
    const file = readFileSync(path);
    writeFileSync(path, file.fill(0xff, PAGE_BYTES));

    const second = threads();
    const damaged = { kind: 'Io', code: 'catalogue-damaged', place: { path } };
    await expect(second.known()).rejects.toMatchObject(damaged);
    expect(await second.known()).toEqual({ points: [], off: [] });
    await second.setOff(SOURCE, true);
    expect((await second.known()).off).toEqual([SOURCE]);
    await second.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

// The same of a disk that fails or fills up, once the catalogue was open.
test('what its disk says while it is written to is an error of the disk', () => {
  const db = new Database(':memory:');
  db.pragma('max_page_count = 1');
  let error: unknown;
  try {
    db.exec('CREATE TABLE one (x); CREATE TABLE two (x)');
  } catch (cause) {
    error = cause;
  }
  db.close();
  expect(error).toMatchObject({ code: 'SQLITE_FULL' });
  expect(inUse(error, '/x')).toMatchObject({ kind: 'Io', code: 'catalogue-io' });
  const other = new Error('no matter of SQLite');
  expect(inUse(other, '/x')).toBe(other);
});
