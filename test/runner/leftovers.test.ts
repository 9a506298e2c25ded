import { existsSync, mkdirSync, mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { attachLoop } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { sweep } from './leftovers.ts';

describeKernel('sweep', () => {
  test('names and removes a mount and a loop device that a test left behind', () => {
    const folder = mkdtempSync(join(tmpdir(), 'left-'));
    const [image, mount] = [join(folder, 'disk'), join(folder, 'mnt')];
    writeFileSync(image, '');
    truncateSync(image, 128 * 1024 * 1024);
    mkdirSync(mount);
    const device = attachLoop(image);
    run('mkfs.btrfs', ['-q', device]);
    run('mount', [device, mount]);
    expect(sweep(folder)).toEqual([mount, device]);
    expect(existsSync(folder)).toBe(false);
    expect(sweep(folder)).toEqual([]);
  });
});
