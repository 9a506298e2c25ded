import { expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { importStreams } from '../../main/archive/import/import-streams.ts';
import { rebuildIndex } from '../../main/archive/import/rebuild-index.ts';
import { timeInName } from '../../main/archive/import/time-in-name.ts';
import { listArchive } from '../../main/archive/verbs/list-points.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import { pruneArchive } from '../../main/archive/prune/prune-archive.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { context, wrongFiles } from './archive-harness.ts';

test('times in names, as btrbk, Timeshift, Dendro and people write them', () => {
  const local = (text: string): number => new Date(text).getTime();
  const names: Record<string, number | null> = {
    'home.20260102': local('2026-01-02T00:00'),
    'home.20260102T0304': local('2026-01-02T03:04'),
    'home.20260102T0304_1': local('2026-01-02T03:04'),
    'home.20260102T030405+0200': Date.UTC(2026, 0, 2, 1, 4, 5),
    'home.20260102T030405+0200_2.btrfs.zst': Date.UTC(2026, 0, 2, 1, 4, 5),
    'home.20260102T030405-0530.btrfs': Date.UTC(2026, 0, 2, 8, 34, 5),
    'home.20260102-030405': local('2026-01-02T03:04:05'),
    '2026-01-02_03-04-05': local('2026-01-02T03:04:05'),
    'before 2026-01-02T03:04:05Z': Date.UTC(2026, 0, 2, 3, 4, 5),
    'disk-20250101.20260102T0304': local('2026-01-02T03:04'),
    'home.20261302': null,
    'home.20260102T2561': null,
    'serial-120260102': null,
    'home.1': null,
  };
  for (const [name, at] of Object.entries(names))
    expect([name, timeInName(name)]).toEqual([name, at]);
});

describeKernel('when imported snapshots were taken', () => {
  const HOUR_MS = 3_600_000;

  // It was the time of each file: after a copy all are of one moment, in the order of the copying,
  // and `prune --latest` took the newest away.
  test('is what names, records beside them and the streams say, not when files were copied', () =>
    withBtrfs({ sizeMiB: 256 }, async ({ dir }) => {
      const live = `${dir}/live`;
      const script = `
        btrfs -q subvolume create ${live}
        mkdir ${dir}/raw ${dir}/raw/7
        take() { btrfs -q subvolume snapshot -r ${live} ${dir}/$1; }
        date > ${live}/a; take home.20260102T0304; date > ${live}/b; take home.20260102T0304_1
        date > ${live}/c; take plain.1; sleep 1.1; date > ${live}/d; take plain.2
        take plain.3
        mkdir ${dir}/7; date > ${live}/e; take 7/snapshot
        cd ${dir}
        btrfs send -q plain.3 -p plain.2 > raw/5.btrfs
        btrfs send -q plain.2 > raw/1.btrfs; btrfs send -q plain.1 > raw/2.btrfs
        btrfs send -q home.20260102T0304_1 > raw/3.btrfs; btrfs send -q home.20260102T0304 > raw/4.btrfs
        btrfs send -q 7/snapshot > raw/7/any.btrfs
        echo '<?xml version="1.0"?><snapshot><type>single</type><num>7</num><date>2026-02-03 04:05:06</date></snapshot>' > raw/7/info.xml
      `;
      run('bash', ['-ec', script]);
      const folder = `${dir}/archive`;
      const nowMs = Date.now() + HOUR_MS;
      const files = [`${dir}/raw`, `${dir}/raw/7`];
      const { notes } = await importStreams({ folder, files, nowMs, source: 'all' }, context());
      expect(notes).toEqual([]);
      const { points } = listArchive({ folder }).sources[0]!;
      const order = ['home.20260102T0304', 'home.20260102T0304_1', 'snapshot'];
      expect(points.map(({ name }) => name)).toEqual([...order, 'plain.1', 'plain.2', 'plain.3']);
      expect(points[2]!.takenAtMs).toBe(Date.UTC(2026, 1, 3, 4, 5, 6));
      const keep = {
        ...{ latest: 1, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 },
        ...{ minAgeHours: 0, minFreePercent: 0 },
      };
      const { kept } = await pruneArchive({ folder, keep, nowMs }, context());
      expect(kept).toEqual(['all/plain.3']);
    }));

  test('is the time of the file where nothing else says it, and that is told', () =>
    withBtrfs({ sizeMiB: 256 }, async ({ dir }) => {
      const script = `
        cd ${dir}; btrfs -q subvolume create empty; btrfs property set empty ro true
        btrfs send -q empty > odd.btrfs; touch -d '2026-03-04 UTC' odd.btrfs
      `;
      run('bash', ['-ec', script]);
      // A computer whose clock is years behind: all changes are still to come.
      const nowMs = Date.UTC(2020, 0, 1);
      const folder = `${dir}/archive`;
      const { notes } = await importStreams(
        { folder, files: [`${dir}/odd.btrfs`], nowMs },
        context(),
      );
      expect(notes.map(({ code }) => code)).toEqual(['time-of-file']);
      expect(listArchive({ folder }).sources[0]!.points[0]!.takenAtMs).toBe(Date.UTC(2026, 2, 4));
    }));
});

describeKernel('an increment that is imported before what it builds on', () => {
  // Files changed in part had no hash for ever: their content was compared with nothing.
  test('gets the hashes of files changed in part when that comes', () =>
    withBtrfs({ sizeMiB: 256 }, async ({ dir }) => {
      const script = `
        cd ${dir}; btrfs -q subvolume create live; head -c 300000 /dev/urandom > live/large
        btrfs -q subvolume snapshot -r live one
        printf x | dd of=live/large bs=1 seek=100000 conv=notrunc status=none
        btrfs -q subvolume snapshot -r live two
        btrfs send -q one > one.btrfs; btrfs send -q -p one two > two.btrfs
      `;
      run('bash', ['-ec', script]);
      const folder = `${dir}/archive`;
      const taken = async (name: string) =>
        importStreams(
          { folder, files: [`${dir}/${name}.btrfs`], nowMs: Date.now(), source: 'x' },
          context(),
        );
      const verified = async () => verifyArchive({ folder, level: 'full' }, context());
      await taken('two');
      await taken('one');
      // One of the full stream, and the same as the increment leaves it.
      const { files, problems } = await verified();
      expect({ files, problems }).toEqual({ files: 2, problems: [] });
      expect(await wrongFiles(folder, 'two', `${dir}/two`)).toEqual([]);
      expect(readFileSync(`${folder}/manifest.json`, 'utf8')).not.toContain('unhashed');
      await rebuildIndex({ folder, nowMs: Date.now() }, context());
      expect((await verified()).files).toBe(2);
    }));
});
