import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PresentPoint } from '../../main/catalogue/index.ts';
import { CatalogueThreads } from '../../main/catalogue/threads.ts';
import { CatalogueQuery } from '../../shared/model/catalogue.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';

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
