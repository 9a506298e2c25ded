import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { inProcessClient } from '../../main/service/service.ts';
import { PlanDraft } from '../../shared/model/plan.ts';
import { TestDisks } from '../drives/disks.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import { openService } from './open-service.ts';
import { latestOnly } from '../plan/latest-only.ts';

vi.setConfig({ testTimeout: 120_000 });

// The backup was told as failed, and nothing would try it again.
describeKernel('a drive that is to be put away behind a plan', () => {
  it('may be held by somebody who looks at it: the backup went well all the same', () =>
    withBtrfs({ sizeMiB: 300, mkfsArgs: ['-L', `held-${process.pid}`] }, async (laptop) => {
      const work = mkdtempSync(join(tmpdir(), 'dendro-held-'));
      const disks = new TestDisks();
      const service = openService(join(work, 'history.sqlite'));
      const client = inProcessClient(service);
      const holders: ReturnType<typeof spawn>[] = [];
      try {
        run('btrfs', ['subvolume', 'create', join(laptop.dir, 'home')]);
        writeFileSync(join(laptop.dir, 'home', 'letter'), 'dear Anna');
        const device = disks.plug(disks.formatted('held', 'mkfs.ext4', ['-q', '-L', 'Held'], 100));
        const driveId = runText('blkid', ['-p', '-s', 'UUID', '-o', 'value', device]);
        const volumes = await client.call('volumes.list', {});
        const { volumeId } = volumes.find(({ label }) => label === `held-${process.pid}`)!;
        const found = await client.call('subvolumes.list', { volumeId });
        const { subvolumeId } = found.find(({ path }) => path === 'home')!;
        const { planId } = await client.call(
          'plans.create',
          PlanDraft.parse({
            name: 'held',
            sources: [{ volumeId, subvolumeId, path: 'home' }],
            when: [],
            keepLocal: latestOnly,
            targets: [{ kind: 'archive', driveId, folder: 'backups', keep: latestOnly }],
            options: { mountDrive: true, ejectDrive: true },
          }),
        );
        const hold = setInterval(() => {
          const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
          const mount = mounts.find((line) => line.startsWith(`${device} `))?.split(' ')[1];
          if (mount === undefined || holders.length > 0) return;
          holders.push(spawn('sleep', ['60'], { cwd: mount }));
        }, 20);
        await client.call('plans.run', { planId });
        await service.scheduler.idle();
        clearInterval(hold);
        expect(holders).toHaveLength(1);
        const [plan] = await client.call('plans.list', {});
        expect(plan!.parts.map(({ error }) => error)).toEqual([null, null]);
        expect(plan!.parts[1]!.lastGoodAtMs).not.toBeNull();
        const [drive] = (await client.call('drives.list', {})).filter(
          (one) => one.driveId === driveId,
        );
        expect(drive).toMatchObject({ state: 'mounted', inUse: 0 });
        const ended = new Promise((resolve) => holders[0]!.once('exit', resolve));
        holders[0]!.kill('SIGKILL');
        await ended;
        expect(await client.call('drives.release', { driveId })).toMatchObject({
          safeToUnplug: true,
        });
      } finally {
        holders.forEach((one) => one.kill('SIGKILL'));
        await service.close();
        disks.close();
        rmSync(work, { recursive: true });
      }
    }));
});
