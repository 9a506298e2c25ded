import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DirectMounter } from '../../main/drives/direct-mounter.ts';
import { describeKernel } from '../harness/kernel.ts';
import { attachLoop, detachLoop } from '../harness/loop.ts';
import { run } from '../harness/run.ts';

const NOBODY = 65_534;

describeKernel('a drive that is mounted without UDisks', () => {
  test('can be entered by others, whatever the umask of the service', async () => {
    const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
    chmodSync(folder, 0o755);
    const image = join(folder, 'drive.img');
    writeFileSync(image, '');
    truncateSync(image, 16 << 20);
    run('mkfs.ext4', ['-q', '-F', image]);
    const device = attachLoop(image);
    const mounter = new DirectMounter(join(folder, 'drives'));
    const mask = process.umask(0o077);
    try {
      const path = await mounter.mount(device, 'uuid-of-it');
      const seen = spawnSync('ls', [path], { uid: NOBODY, gid: NOBODY, encoding: 'utf8' });
      await mounter.unmount(device, path);
      expect(seen).toMatchObject({ status: 0, stdout: 'lost+found\n' });
    } finally {
      process.umask(mask);
      detachLoop(device);
      rmSync(folder, { recursive: true });
    }
  });
});
