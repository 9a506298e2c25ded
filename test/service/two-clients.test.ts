import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectSocket } from '../../main/service/carriers/socket-client.ts';
import { serveUnixSocket } from '../../main/service/carriers/unix-socket.ts';
import { serveWebSocket } from '../../main/service/carriers/websocket.ts';
import { createService, type LocalService } from '../../main/service/service.ts';
import { createLineClient, type Client } from '../../shared/contract/client.ts';
import { PlanDraft, type Plan } from '../../shared/model/plan.ts';
import type { Run } from '../../shared/model/run.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';

const [LAPTOP, DRIVE] = ['laptop', 'drive'].map((name) => `two-${name}-${process.pid}`) as [
  string,
  string,
];
const none = { latest: 1, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, minAgeHours: 0 };
let laptop: TestBtrfs;
let drive: TestBtrfs;
let work: string;
let service: LocalService;
let close: (() => Promise<unknown>)[];
/** Two windows of a browser, and the command line at the socket of the daemon. */
let clients: [Client, Client, Client];

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  laptop = makeBtrfs({ sizeMiB: 512, mkfsArgs: ['-L', LAPTOP] });
  drive = makeBtrfs({ sizeMiB: 512, mkfsArgs: ['-L', DRIVE] });
  run('btrfs', ['-q', 'subvolume', 'create', join(laptop.dir, 'home')]);
  for (let i = 0; i < 4_000; i++)
    writeFileSync(join(laptop.dir, 'home', `${i}`), 'x'.repeat(9_000));
  work = mkdtempSync(join(tmpdir(), 'dendro-two-clients-'));
  service = createService({
    historyPath: join(work, 'history.sqlite'),
    version: 'test',
    carrier: 'socket',
    runPlans: false,
  });
  const page = await serveWebSocket(service, { port: 0, pageFolder: work });
  const path = join(work, 'socket');
  const daemon = await serveUnixSocket(service, { path });
  const window = async (): Promise<Client> => {
    const own = `http://127.0.0.1:${page.port}`;
    const socket = new WebSocket(`ws://127.0.0.1:${page.port}/socket?token=${page.token}`, {
      headers: { origin: own },
    });
    const line = createLineClient({ send: (text) => socket.send(text) });
    socket.on('message', (data) => line.receive(String(data)));
    await new Promise((resolve) => socket.on('open', resolve));
    close.unshift(async () => socket.terminate());
    return line;
  };
  close = [() => page.close(), () => daemon.close()];
  const cli = (await connectSocket(path))!;
  close.unshift(async () => cli.close());
  clients = [await window(), await window(), cli];
});
afterAll(async () => {
  for (const one of close ?? []) await one();
  await service?.close();
  laptop?.close();
  drive?.close();
  if (work) rmSync(work, { recursive: true });
});

async function draft(change: Partial<PlanDraft> = {}): Promise<PlanDraft> {
  const volumes = await clients[0].call('volumes.list', {});
  const idOf = (label: string): string => volumes.find((one) => one.label === label)!.volumeId;
  const found = await clients[0].call('subvolumes.list', { volumeId: idOf(LAPTOP) });
  const { volumeId, subvolumeId } = found.find((one) => one.path === 'home')!;
  return PlanDraft.parse({
    name: 'Home to the drive',
    sources: [{ volumeId, subvolumeId }],
    when: [{ every: 'day', hour: 18, minute: 0 }],
    keepLocal: none,
    targets: [{ kind: 'btrfs', volumeId: idOf(DRIVE), folder: '', keep: none }],
    ...change,
  });
}

/** Resolves with what the client is told next. */
function told(client: Client, event: 'plans.changed'): Promise<unknown> {
  return new Promise((resolve) => client.on(event, resolve));
}

function ended(client: Client, runId: () => string | undefined): Promise<Run> {
  return new Promise((resolve) => {
    client.on('run.changed', (one) => {
      if (one.runId === runId() && one.state !== 'running') resolve(one);
    });
  });
}

describeKernel('several windows and the command line at one service', () => {
  let plan: Plan;

  it('each is told of what another one made', async () => {
    const heard = clients.map((client) => told(client, 'plans.changed'));
    plan = await clients[0].call('plans.create', await draft());
    await Promise.all(heard);
    for (const client of clients) expect(await client.call('plans.list', {})).toEqual([plan]);
  });

  // Who saved last took back what the other one had changed, and neither was told.
  it('a plan that both edit: the second one is told, and nothing of the first is lost', async () => {
    const before = PlanDraft.parse(plan);
    const { planId } = plan;
    const first = { ...before, planId, excludes: ['*.iso'], before };
    await clients[0].call('plans.update', first);
    const second = { ...before, planId, awayDays: 7, before };
    for (const other of [clients[1], clients[2]]) {
      await expect(other.call('plans.update', second)).rejects.toMatchObject({
        ...{ kind: 'Conflict', code: 'plan-changed' },
      });
    }
    const [now] = (await clients[1].call('plans.list', {})) as [Plan];
    expect(now).toMatchObject({ excludes: ['*.iso'], awayDays: 90 });
    const seen = PlanDraft.parse(now);
    const again = { ...seen, planId, awayDays: 7, before: seen };
    expect(await clients[1].call('plans.update', again)).toMatchObject({
      ...{ excludes: ['*.iso'], awayDays: 7 },
    });
  });

  it('what one began another one sees and cancels, and all are told of its end', async () => {
    const begun: { runId?: string } = {};
    const ends = clients.map((client) => ended(client, () => begun.runId));
    Object.assign(begun, await clients[0].call('plans.run', { planId: plan.planId }));
    await expect(clients[2].call('plans.run', { planId: plan.planId })).rejects.toMatchObject({
      code: 'plan-under-way',
    });
    const others = clients[1];
    const { runs } = await others.call('runs.list', { state: 'running' });
    for (const one of runs) {
      await others.call('runs.cancel', { runId: one.runId }).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'run-not-running' });
      });
    }
    const states = (await Promise.all(ends)).map(({ state }) => state);
    expect(new Set(states).size).toBe(1);
    await service.scheduler.idle();
    for (const client of clients) {
      expect((await client.call('runs.list', { state: 'running' })).runs).toEqual([]);
    }
  });

  it('a plan that one deletes while the other edits, runs or deletes it', async () => {
    const { planId } = plan;
    const seen = PlanDraft.parse((await clients[1].call('plans.list', {}))[0]);
    await clients[0].call('plans.delete', { planId });
    const unknown = { kind: 'Conflict', code: 'plan-unknown' };
    const edit = clients[1].call('plans.update', { ...seen, planId, before: seen });
    await expect(edit).rejects.toMatchObject(unknown);
    await expect(clients[1].call('plans.run', { planId })).rejects.toMatchObject(unknown);
    await expect(clients[2].call('plans.delete', { planId })).rejects.toMatchObject(unknown);
    expect(await clients[2].call('plans.list', {})).toEqual([]);
  });

  it('a plan that is deleted while it runs ends, and does not come back', async () => {
    const { planId } = await clients[0].call('plans.create', await draft({ name: 'Short-lived' }));
    await clients[0].call('plans.run', { planId });
    await clients[1].call('plans.delete', { planId });
    await service.scheduler.idle();
    expect(await clients[0].call('plans.list', {})).toEqual([]);
    const { runs } = await clients[2].call('runs.list', {});
    expect(runs.filter(({ error }) => error?.kind === 'Bug')).toEqual([]);
  });

  it('a window that is closed takes nothing along', async () => {
    const { planId } = await clients[0].call('plans.create', await draft({ name: 'Goes on' }));
    const { runId } = await clients[0].call('plans.run', { planId });
    await close.shift()!();
    await service.scheduler.idle();
    expect(await clients[2].call('runs.get', { runId })).toMatchObject({ error: null });
  });
});
