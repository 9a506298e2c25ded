import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectSocket } from '../../main/service/carriers/socket-client.ts';
import { entry } from '../harness/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';

let folder: string;
let socket: string;
const children = new Set<ChildProcess>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dendro-daemon-'));
  chmodSync(folder, 0o755);
  socket = join(folder, 'dendro.sock');
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  children.clear();
});

interface Started {
  readonly child: ChildProcess;
  stderr(): string;
}

function daemon(...args: string[]): Started {
  const env = { ...process.env, DENDRO_STATE: join(folder, 'state'), DENDRO_SOCKET: socket };
  const child = spawn(process.execPath, [entry, 'daemon', ...args], { env, stdio: 'pipe' });
  children.add(child);
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, stderr: () => text };
}

async function connected() {
  for (;;) {
    const client = await connectSocket(socket).catch(() => undefined);
    if (client) return client;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('the daemon', () => {
  it('answers on its socket, refuses a second one by name, and ends when it is told to', async () => {
    const { child } = daemon('--plans', join(folder, 'none.toml'));
    const client = await connected();
    expect(statSync(socket).mode & 0o777).toBeLessThanOrEqual(0o660);
    expect(await client.call('service.info', {})).toMatchObject({ carrier: 'socket' });
    await expect(client.call('runs.get', { runId: 'nope' })).rejects.toMatchObject({
      kind: 'Conflict',
      code: 'run-unknown',
    });
    const second = daemon('--socket', join(folder, 'other.sock'));
    const [code] = (await once(second.child, 'exit')) as [number];
    expect(code).not.toBe(0);
    expect(second.stderr()).toContain(`Another Dendro carries the plans out: process ${child.pid}`);
    expect(readlinkSync(`/proc/${child.pid}/cwd`)).toBe('/');
    // As services that read their files again are told to; it ended, and was not started again.
    child.kill('SIGHUP');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await client.call('service.info', {})).toMatchObject({ carrier: 'socket' });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await expect(client.call('service.info', {})).rejects.toMatchObject({ code: 'service-gone' });
  });

  it('can be killed at any time: the next one takes over its socket and its lock', async () => {
    const first = daemon('--plans', join(folder, 'none.toml'));
    (await connected()).close();
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    daemon('--plans', join(folder, 'none.toml'));
    const client = await connected();
    expect(await client.call('plans.list', {})).toEqual([]);
    client.close();
  });

  it('follows its plan file; one with mistakes leaves the plans of before in force', async () => {
    const path = join(folder, 'plans.toml');
    const source = '{ volumeId = "some-volume", path = "@home" }';
    const good = `[[plan]]\nname = "Home"\nsources = [${source}]\nwhen = []\nkeepLocal = {}\n`;
    writeFileSync(path, good);
    const first = daemon('--plans', path);
    let client = await connected();
    const named = async (): Promise<string[]> => {
      const plans = await client.call('plans.list', {});
      return plans.map(({ name, origin }) => `${name} (${origin})`);
    };
    for (; (await named()).length === 0;) await new Promise((r) => setTimeout(r, 50));
    expect(await named()).toEqual(['Home (file)']);
    const [plan] = await client.call('plans.list', {});
    await expect(client.call('plans.delete', { planId: plan!.planId })).rejects.toMatchObject({
      code: 'plan-in-file',
    });
    client.close();
    first.child.kill('SIGTERM');
    await once(first.child, 'exit');
    writeFileSync(path, good.replace('name', 'nmae'));
    daemon('--plans', path);
    client = await connected();
    let state = await client.call('plans.file', {});
    for (; state.error === null; state = await client.call('plans.file', {})) {
      await new Promise((r) => setTimeout(r, 50));
    }
    expect(state.error.message).toContain(`${path}, line 1: "name": it is missing`);
    expect(await named()).toEqual(['Home (file)']);
    client.close();
  });
});

describeKernel('who may use the socket', () => {
  it('root and one group, as the kernel says who is on the other end', () => {
    const program = new URL('./ask-as-peers.ts', import.meta.url).pathname;
    const args = [program, join(folder, 'peers.sock'), '12345'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    const [stranger, member, primary] = stdout.trim().split('\n');
    expect(stranger).toContain('not-in-group');
    expect(member).toContain('answered');
    expect(primary).toContain('answered');
  });
});
