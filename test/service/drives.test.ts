import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createService, inProcessClient, type Service } from '../../main/service/service.ts';
import type { Client } from '../../shared/contract/client.ts';
import { Drive } from '../../shared/model/drive.ts';
import { TestDisks } from '../drives/disks.ts';
import { describeKernel } from '../harness/kernel.ts';
import { runText } from '../harness/run.ts';

let disks: TestDisks;
let work: string;
let service: Service;
let client: Client;
let device: string;
let driveId: string;

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  disks = new TestDisks();
  device = disks.plug(disks.formatted('stick', 'mkfs.ext4', ['-q', '-L', 'STICK']));
  driveId = runText('blkid', ['-p', '-s', 'UUID', '-o', 'value', device]);
  work = mkdtempSync(join(tmpdir(), 'dendro-drives-'));
  service = createService({
    historyPath: join(work, 'history.sqlite'),
    version: 'test',
    carrier: 'in-process',
    runPlans: false,
  });
  client = inProcessClient(service);
});
afterAll(async () => {
  await service?.close();
  disks?.close();
  if (work) rmSync(work, { recursive: true });
});

const found = async () =>
  (await client.call('drives.list', {})).find((drive) => drive.driveId === driveId);

describeKernel('the calls about drives', () => {
  it('mount a new drive, name it, make it safe to unplug, and forget it', async () => {
    expect(await found()).toMatchObject({ name: 'STICK', known: false, state: 'unmounted' });
    const { drive, kept } = await client.call('drives.mount', { driveId });
    expect(Drive.parse(drive)).toMatchObject({ known: true, state: 'mounted', filesystem: 'ext4' });
    expect(kept).toBe(false);
    expect(existsSync(join(drive.mounts[0]!, '.dendro-drive.json'))).toBe(true);
    await client.call('drives.change', { driveId, name: 'Blue Stick' });
    expect(await found()).toMatchObject({ name: 'Blue Stick' });
    expect(await client.call('drives.release', { driveId })).toMatchObject({ safeToUnplug: true });
    await disks.unplug(device);
    expect(await found()).toMatchObject({ name: 'Blue Stick', state: 'away' });
    await client.call('drives.forget', { driveId });
    expect(await found()).toBeUndefined();
  });

  it('say what is wrong', async () => {
    await expect(client.call('drives.mount', { driveId: 'nothing' })).rejects.toMatchObject({
      code: 'drive-away',
    });
    await expect(client.call('drives.forget', { driveId: 'nothing' })).rejects.toMatchObject({
      code: 'drive-unknown',
    });
  });
});
