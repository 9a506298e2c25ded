import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { describeKernel } from './kernel.ts';
import { makeBtrfs, type TestBtrfs } from './loop.ts';
import { runText } from './run.ts';

describeKernel('btrfs on loop devices', () => {
  let fs: TestBtrfs;
  afterEach(() => fs.close());

  test('is mounted, keeps its files over a remount and leaves nothing behind', async () => {
    fs = makeBtrfs({ mkfsArgs: ['-L', 'oak'] });
    writeFileSync(join(fs.dir, 'a'), 'content');
    fs.remount();
    expect(readFileSync(join(fs.dir, 'a'), 'utf8')).toBe('content');
    const { dir, images, devices } = fs;
    fs.close();
    expect(existsSync(dir)).toBe(false);
    expect(existsSync(images[0]!)).toBe(false);
    // whoever looks at all block devices at this moment holds it a little longer
    const attached = (): string => runText('losetup', ['-n', '-O', 'NAME,BACK-FILE']);
    await vi.waitFor(() => expect(attached()).not.toContain(`${devices[0]} ${images[0]}`), 30_000);
  });

  test('takes several devices, one of which goes away and comes back', () => {
    fs = makeBtrfs({ devices: 2, mkfsArgs: ['-d', 'raid1', '-m', 'raid1'] });
    writeFileSync(join(fs.dir, 'a'), 'content');
    fs.unmount();
    fs.detach(1);
    expect(fs.devices).toHaveLength(1);
    fs.mount('degraded,ro');
    expect(readFileSync(join(fs.dir, 'a'), 'utf8')).toBe('content');
    fs.unmount();
    fs.attach(1);
    fs.mount();
  });
});
