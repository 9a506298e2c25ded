import { describe, expect, it } from 'vitest';
import { importBtrbk } from '../../main/other-tools/btrbk-config.ts';
import { foreignSnapshot } from '../../main/other-tools/layouts.ts';
import { parseSnapperInfo, parseTimeshiftInfo } from '../../main/other-tools/metadata.ts';
import { importSnapper } from '../../main/other-tools/snapper-config.ts';

const local = (...parts: [number, number, number, number?, number?, number?]): number =>
  new Date(...parts).getTime();

describe('where a snapshot lies says whose it is', () => {
  it('Snapper, nested below the subvolume or in one of its own', () => {
    for (const folder of ['.snapshots', 'home/.snapshots', '@snapshots', '@/.snapshots']) {
      expect(foreignSnapshot(`${folder}/17/snapshot`)).toEqual({
        tool: 'snapper',
        label: '17',
        infoPath: `${folder}/17/info.xml`,
        takenAtMs: null,
      });
    }
  });

  it('Timeshift, with the time in the name', () => {
    expect(foreignSnapshot('timeshift-btrfs/snapshots/2026-11-27_09-00-01/@home')).toEqual({
      tool: 'timeshift',
      label: '2026-11-27_09-00-01',
      infoPath: 'timeshift-btrfs/snapshots/2026-11-27_09-00-01/info.json',
      takenAtMs: local(2026, 10, 27, 9, 0, 1),
    });
  });

  it('btrbk, in each of its formats of time', () => {
    const takenAt = (path: string): number | null | undefined => foreignSnapshot(path)?.takenAtMs;
    expect(takenAt('btrbk/home.20261127')).toBe(local(2026, 10, 27));
    expect(takenAt('home.20261127T0905')).toBe(local(2026, 10, 27, 9, 5));
    expect(takenAt('x/home.20261127T090501+0200')).toBe(Date.UTC(2026, 10, 27, 7, 5, 1));
    expect(foreignSnapshot('x/home.20261127_1')).toMatchObject({
      tool: 'btrbk',
      label: 'home.20261127_1',
    });
  });

  it('and what only looks alike is nobody’s', () => {
    for (const path of [
      '',
      'home',
      '.snapshots/17',
      '.snapshots/x/snapshot',
      'timeshift-btrfs/snapshots/today/@',
      'home.2026',
      'home.20261399',
      'photo.20261127.jpg',
    ]) {
      expect(foreignSnapshot(path), path).toBeUndefined();
    }
  });
});

describe('metadata', () => {
  it('of Snapper is read, in UTC, with its entities', () => {
    const xml = `<?xml version="1.0"?>
<snapshot>
  <type>pre</type>
  <num>17</num>
  <date>2026-11-27 09:00:01</date>
  <description>zypp(zypper) &lt;b&gt; &amp; &#xe9;</description>
  <cleanup>number</cleanup>
</snapshot>`;
    expect(parseSnapperInfo(xml)).toEqual({
      takenAtMs: Date.UTC(2026, 10, 27, 9, 0, 1),
      description: 'zypp(zypper) <b> & é',
      kind: 'pre',
      cleanup: 'number',
    });
  });

  it('of Timeshift is read, and what is neither is no metadata', () => {
    const json = '{"created":"1764234001","tags":"daily ","comments":"before the upgrade"}';
    expect(parseTimeshiftInfo(json)).toMatchObject({
      takenAtMs: 1_764_234_001_000,
      kind: 'daily',
      description: 'before the upgrade',
    });
    for (const text of ['', '{', '[]', '{"created":"soon"}', '<xml/>', '\0'.repeat(70_000)]) {
      expect(parseTimeshiftInfo(text)).toBeUndefined();
      expect(parseSnapperInfo(text)).toBeUndefined();
    }
  });
});

const CONFIG = `
# all of them
timestamp_format        long
snapshot_preserve_min   2d
snapshot_preserve       14d 6w
target_preserve_min     no
target_preserve         20d 10w *m
ssh_identity            /etc/btrbk/ssh/id_ed25519
volume /mnt/btr_pool
  snapshot_dir btrbk_snapshots
  target /mnt/usb
  subvolume home
    target raw "/mnt/stick/raw files"
  subvolume .
    snapshot_name pool
    snapshot_preserve 48h
    target ssh://backup.example.org:2222/mnt/pool  # over there
  preserve_hour_of_day 3
volume /mnt/other
  subvolume data
    target_preserve no
    target nas:/volume1
`;

describe('a btrbk configuration', () => {
  const { plans, notes } = importBtrbk(CONFIG);
  it('becomes a plan for each subvolume, with what stands above it', () => {
    expect(plans.map(({ name, sources, timing }) => [name, sources[0], timing])).toEqual([
      ['home', '/mnt/btr_pool/home', 'day'],
      ['pool', '/mnt/btr_pool', 'hour'],
      ['data', '/mnt/other/data', 'day'],
    ]);
    expect(plans[0]!.keepLocal).toMatchObject({ latest: 1, daily: 14, weekly: 6, minAgeHours: 48 });
    expect(plans[1]!.keepLocal).toMatchObject({ hourly: 48, daily: 0, minAgeHours: 48 });
    expect(plans[0]!.targets).toMatchObject([
      { kind: 'folder', path: '/mnt/usb', keep: { daily: 20, weekly: 10, monthly: 10_000 } },
      { kind: 'files', path: '/mnt/stick/raw files' },
    ]);
    expect(plans[1]!.targets[1]).toMatchObject({
      kind: 'ssh',
      path: 'ssh://root@backup.example.org:2222/mnt/pool',
    });
    expect(plans[2]!.targets[0]).toMatchObject({ kind: 'ssh', path: 'ssh://root@nas/volume1' });
  });

  it('says what is not taken over, with its line', () => {
    expect(
      notes.some(({ text }) => /^Line \d+: preserve_hour_of_day is not taken over/.test(text)),
    ).toBe(true);
  });

  it('with a mistake is refused with the line', () => {
    const bad = (text: string): string => {
      try {
        importBtrbk(text);
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(bad('volume /x\n  !!!\n')).toMatch(/^Line 2 of the btrbk configuration: /);
    expect(bad('volume\n')).toMatch(/^Line 1 .*without a path/);
    expect(bad('volume /x\n subvolume y\n  snapshot_preserve 3q')).toMatch(/^Line 2 .*"3q"/);
  });
});

describe('a Snapper configuration', () => {
  it('becomes a plan with the limits of its timeline', () => {
    const { plans } = importSnapper(
      'root',
      'SUBVOLUME="/"\nFSTYPE="btrfs"\nTIMELINE_CREATE="yes"\nTIMELINE_CLEANUP="yes"\nTIMELINE_MIN_AGE="1800"\nTIMELINE_LIMIT_HOURLY="2-10"\nTIMELINE_LIMIT_DAILY="7"\nTIMELINE_LIMIT_WEEKLY="0"\nTIMELINE_LIMIT_MONTHLY="3"\nTIMELINE_LIMIT_YEARLY="0"\n',
    );
    expect(plans).toMatchObject([
      {
        name: 'root',
        tool: 'snapper',
        sources: ['/'],
        timing: 'hour',
        keepLocal: {
          latest: 1,
          hourly: 10,
          daily: 7,
          weekly: 0,
          monthly: 3,
          yearly: 0,
          minAgeHours: 1,
        },
      },
    ]);
  });

  it('that is on another filesystem or names none is said to be', () => {
    expect(importSnapper('x', 'SUBVOLUME="/"\nFSTYPE="lvm(ext4)"').plans).toEqual([]);
    expect(() => importSnapper('x', 'FSTYPE=btrfs')).toThrow(/names no SUBVOLUME/);
  });
});
