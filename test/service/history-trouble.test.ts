import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHistory } from '../../main/history/history.ts';
import { createService, inProcessClient, type LocalService } from '../../main/service/service.ts';
import { PlanDraft } from '../../shared/model/plan.ts';
import type { Run } from '../../shared/model/run.ts';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';

const LAPTOP = `troubled-laptop-${process.pid}`;
const DRIVE = `troubled-drive-${process.pid}`;
const DAY_MS = 86_400_000;

describeKernel('a disk of the history that is full', () => {
  let laptop: TestBtrfs;
  let drive: TestBtrfs;
  let small: string;
  let service: LocalService | undefined;
  let clockMs = Date.now();

  beforeAll(() => {
    laptop = makeBtrfs({ sizeMiB: 300, mkfsArgs: ['-L', LAPTOP] });
    drive = makeBtrfs({ sizeMiB: 300, mkfsArgs: ['-L', DRIVE] });
    run('btrfs', ['subvolume', 'create', join(laptop.dir, 'home')]);
    writeFileSync(join(laptop.dir, 'home', 'file'), Buffer.alloc(20 << 20, 'content '));
    small = mkdtempSync(join(tmpdir(), 'dendro-small-'));
    run('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'none', small]);
  });
  afterAll(async () => {
    await service?.close();
    laptop?.close();
    drive?.close();
    run('umount', [small]);
    rmdirSync(small);
  });

  const begun = (): { service: LocalService; client: ReturnType<typeof inProcessClient> } => {
    service = createService({
      historyPath: join(small, 'history.sqlite'),
      version: 'test',
      carrier: 'in-process',
      runPlans: true,
      planFile: null,
      nowMs: () => clockMs,
    });
    return { service, client: inProcessClient(service) };
  };
  /** Every last byte. */
  const fill = (): void => {
    const { bavail, bsize } = statfsSync(small);
    writeFileSync(join(small, 'filler'), Buffer.alloc(bavail * bsize));
  };
  const free = (): void => rmSync(join(small, 'filler'), { force: true });

  test('a backup under way goes on to its end, which is recorded when there is room', async () => {
    const { client } = begun();
    const volumes = await client.call('volumes.list', {});
    const idOf = (label: string): string => volumes.find((one) => one.label === label)!.volumeId;
    const found = await client.call('subvolumes.list', { volumeId: idOf(LAPTOP) });
    const { volumeId, subvolumeId } = found.find(({ path }) => path === 'home')!;
    const ended = new Promise<Run>((resolve) =>
      client.on('run.changed', (one) => {
        if (one.state === 'running') fill();
        else resolve(one);
      }),
    );
    const { runId } = await client.call('backup.start', {
      source: { volumeId, subvolumeId },
      target: { kind: 'btrfs', volumeId: idOf(DRIVE), folder: '' },
    } as never);
    expect(await ended).toMatchObject({ state: 'done', error: null });
    expect((await client.call('runs.get', { runId })).state).toBe('done');
    await expect(client.call('settings.set', { silenceDays: 3 })).rejects.toMatchObject({
      kind: 'Io',
      code: 'history-full',
    });
    free();
    await service!.close();
    const again = begun().client;
    expect((await again.call('runs.get', { runId })).state).toBe('done');
  });

  test('a service that starts then lives on, and does what is due when there is room', async () => {
    const { client } = { client: inProcessClient(service!) };
    const volumes = await client.call('volumes.list', {});
    const idOf = (label: string): string => volumes.find((one) => one.label === label)!.volumeId;
    const found = await client.call('subvolumes.list', { volumeId: idOf(LAPTOP) });
    const { volumeId, subvolumeId } = found.find(({ path }) => path === 'home')!;
    const keep = {
      latest: 9,
      hourly: 0,
      daily: 0,
      weekly: 0,
      monthly: 0,
      yearly: 0,
      minAgeHours: 0,
    };
    const draft = PlanDraft.parse({
      name: 'Home',
      enabled: true,
      sources: [{ volumeId, subvolumeId }],
      when: [{ every: 'hour', minute: 0 }],
      keepLocal: keep,
      targets: [{ kind: 'btrfs', volumeId: idOf(DRIVE), folder: 'plan', keep }],
    });
    mkdirSync(join(drive.dir, 'plan'));
    await client.call('plans.create', draft);
    // Its files stay as they are: on a full disk none can be made.
    const other = openHistory(join(small, 'history.sqlite'));
    await service!.close();
    clockMs += DAY_MS;
    fill();
    const late = begun();
    other.close();
    // An error that nobody waits for would end the process, and this test with it.
    await sleep(500);
    expect(await late.client.call('plans.list', {})).toHaveLength(1);
    free();
    late.service.scheduler.look();
    await late.service.scheduler.idle();
    const [plan] = await late.client.call('plans.list', {});
    expect(plan!.parts.map(({ error, retryAtMs }) => [error, retryAtMs])).toEqual([
      [null, null],
      [null, null],
    ]);
    const newest = run('ls', [join(drive.dir, 'plan')])
      .stdout.toString()
      .trim();
    expect(
      showDifferences(compareTrees(join(laptop.dir, 'home'), join(drive.dir, 'plan', newest))),
    ).toEqual([]);
  });
});
