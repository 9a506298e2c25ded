import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lookForDrives } from '../../main/drives/look.ts';
import { describeKernel } from '../harness/kernel.ts';
import { run } from '../harness/run.ts';
import { TestDisks } from './disks.ts';

describeKernel('a drive of which a folder is mounted elsewhere, too', () => {
  // Where the folder had been mounted before the drive was mounted once more (the drive itself was
  // unmounted in between), the archive was looked for, and begun, in that folder.
  test('is used where the whole of it can be written to', async () => {
    const disks = new TestDisks();
    onTestFinished(() => disks.close());
    const device = disks.plug(disks.formatted('stick', 'mkfs.ext4', ['-q']));
    const mountsNow = async (): Promise<readonly string[] | undefined> =>
      (await lookForDrives()).find(({ devicePaths }) => devicePaths.includes(device))?.mounts;
    const first = disks.mount(device, 'first');
    mkdirSync(join(first, 'photos'));
    const photos = disks.mount(join(first, 'photos'), 'photos', ['--bind']);
    const locked = disks.mount(first, 'locked', ['--bind']);
    run('mount', ['-o', 'remount,bind,ro', locked]);
    disks.unmount(first);
    expect(await mountsNow()).toEqual([locked, photos]);
    const again = disks.mount(device, 'again');
    expect(await mountsNow()).toEqual([again, locked, photos]);
  });
});
