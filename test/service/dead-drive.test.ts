import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createService, inProcessClient, type Service } from '../../main/service/service.ts';
import type { Source } from '../../shared/model/subvolume.ts';
import { TestDisks } from '../drives/disks.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';

describeKernel('a drive that is plugged in, and of which nothing can be read', () => {
  let laptop: TestBtrfs;
  let disks: TestDisks;
  /** The drive's image lies here: when this is shut down, each request to the drive fails. */
  let below: string;
  let blue: string;
  let state: string;
  let service: Service;

  beforeAll(() => {
    laptop = makeBtrfs({ mkfsArgs: ['-L', 'laptop'] });
    disks = new TestDisks();
    below = disks.mount(disks.plug(disks.formatted('below', 'mkfs.xfs', ['-q'], 500)), 'mnt-below');
    const image = join(below, 'blue.img');
    writeFileSync(image, '');
    truncateSync(image, 256 * 1024 * 1024);
    run('mkfs.btrfs', ['-q', '-L', 'blue', image]);
    blue = disks.plug(image);
    const drive = disks.mount(blue, 'mnt-blue');
    run('btrfs', ['subvolume', 'create', join(laptop.dir, 'home')]);
    const point = join(laptop.dir, 'home.1');
    run('btrfs', ['subvolume', 'snapshot', '-r', join(laptop.dir, 'home'), point]);
    run('bash', ['-c', 'btrfs -q send "$1" | btrfs -q receive "$2"', 'sh', point, drive]);
    run('sync', ['-f', drive]);
    state = mkdtempSync(join(tmpdir(), 'dendro-dead-drive-'));
    service = newService();
  });
  afterAll(async () => {
    await service.close();
    disks.close();
    laptop.close();
    rmSync(state, { recursive: true });
  });

  const newService = (): Service =>
    createService({
      historyPath: join(state, 'history.sqlite'),
      version: 'test',
      carrier: 'in-process',
      runPlans: false,
    });

  const home = async (): Promise<Source> => {
    const sources = await inProcessClient(service).call('sources.list', {});
    return sources.find(({ mountedPath }) => mountedPath === join(laptop.dir, 'home'))!;
  };

  // The page said "safe up to 14:05 today. It is on this computer and on Blue Drive" of a dead one.
  it('is no place where a source is safe', async () => {
    expect((await home()).health).toMatchObject({ level: 'safe', drives: ['blue'] });
    run('xfs_io', ['-x', '-c', 'shutdown', below]);
    // One that has read the drive before goes on with what it holds of it until there is more to read.
    await service.close();
    service = newService();
    const { health, places } = await home();
    const volumes = await inProcessClient(service).call('volumes.list', {});
    const dead = volumes.find(({ devices }) => devices.some(({ path }) => path === blue));
    expect(dead).toMatchObject({ name: 'blue', problem: { code: 'device-read-failed' } });
    expect(health).toMatchObject({ level: 'away', drives: ['blue'] });
    expect(health.lastSeenAtMs).not.toBeNull();
    expect(places.map(({ name, present }) => [name, present])).toEqual(
      expect.arrayContaining([
        ['laptop', true],
        ['blue', false],
      ]),
    );
  });
});
