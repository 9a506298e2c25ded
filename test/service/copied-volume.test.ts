import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createService, inProcessClient, type Service } from '../../main/service/service.ts';
import type { Volume } from '../../shared/model/volume.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';

describeKernel('a disk and its copy by dd, both attached', () => {
  let original: TestBtrfs;
  let copy: TestBtrfs;
  let state: string;
  let service: Service;

  beforeAll(() => {
    original = makeBtrfs({ mkfsArgs: ['-L', 'copied'] });
    copy = makeBtrfs({ mount: false });
    run('btrfs', ['subvolume', 'create', join(original.dir, 'work')]);
    snapshot(original, 'common');
    original.unmount();
    copyFileSync(original.images[0]!, copy.images[0]!);
    original.mount();
    snapshot(original, 'later');
    state = mkdtempSync(join(tmpdir(), 'dendro-copied-'));
    service = createService({
      historyPath: join(state, 'history.sqlite'),
      version: 'test',
      carrier: 'in-process',
      runPlans: false,
    });
  });
  afterAll(async () => {
    await service.close();
    copy.close();
    original.close();
    rmSync(state, { recursive: true });
  });

  const snapshot = ({ dir }: TestBtrfs, name: string): void => {
    run('btrfs', ['subvolume', 'snapshot', '-r', join(dir, 'work'), join(dir, name)]);
  };

  it('the one that is mounted is the volume, the other a copy that is not read', async () => {
    await expectOriginalAndCopy();
  });

  it('also where the kernel has mounted the copy, under an fsid of its own making', async () => {
    // Linux 6.7 and newer; before that it is mounted as the original, and nothing is to be told apart
    if (!existsSync('/sys/fs/btrfs/features/temp_fsid')) return;
    copy.mount();
    await expectOriginalAndCopy();
    copy.unmount();
  });

  async function expectOriginalAndCopy(): Promise<void> {
    const client = inProcessClient(service);
    const volumes = await client.call('volumes.list', {});
    const of = (device: string): Volume[] =>
      volumes.filter(({ devices }) => devices.some(({ path }) => path === device));
    expect(of(original.device)).toMatchObject([{ label: 'copied', problem: null }]);
    expect(of(copy.device)).toMatchObject([
      { volumeId: copy.device, problem: { code: 'duplicate-device' } },
    ]);
    const ids = volumes.map(({ volumeId }) => volumeId);
    expect(ids).toHaveLength(new Set(ids).size);
    const found = await client.call('subvolumes.list', {
      volumeId: of(original.device)[0]!.volumeId,
    });
    expect(found.map(({ path }) => path)).toEqual(expect.arrayContaining(['common', 'later']));
  }
});
