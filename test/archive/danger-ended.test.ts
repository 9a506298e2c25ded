import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { runText } from '../harness/run.ts';

const LOOK_MS = 50;

// The drive that it pulls stayed mounted on a loop device, whatever had ended the campaign.
describeKernel('npm run danger:archive', () => {
  test('ended by a signal, it leaves no drive mounted', async () => {
    const args = ['--moments', '1', '--only', 'import', '--how', 'pull'];
    const child = spawn(process.execPath, [join(import.meta.dirname, 'danger.ts'), ...args], {
      stdio: 'ignore',
    });
    const ended = once(child, 'close');
    const isOurs = (line: string): boolean => line.includes(`dendro-test-${child.pid}-`);
    const mounts = (): string[] => readFileSync('/proc/mounts', 'utf8').split('\n').filter(isOurs);
    while (child.exitCode === null && !mounts().some((line) => line.includes(' ext4 '))) {
      await sleep(LOOK_MS);
    }
    child.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(mounts()).toEqual([]);
    // whoever looks at all block devices at this moment holds one a little longer
    const loops = (): string[] => runText('losetup', ['-a']).split('\n').filter(isOurs);
    await vi.waitFor(() => expect(loops()).toEqual([]), 30_000);
  });
});
