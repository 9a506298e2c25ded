import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../../main/service/service.ts';
import { serveUnixSocket } from '../../main/service/carriers/unix-socket.ts';
import { connectSocket } from '../../main/service/carriers/socket-client.ts';
import { describeKernel } from '../harness/kernel.ts';

const DENDRO = new URL('../../main/cli/dendro.ts', import.meta.url).pathname;
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
  const child = spawn(process.execPath, [DENDRO, 'daemon', ...args], { env, stdio: 'pipe' });
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
    for (; (await named()).length === 0; ) await new Promise((r) => setTimeout(r, 50));
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
  it('root and one group, as the kernel says who is on the other end', async () => {
    const GROUP = 12_345;
    const path = join(folder, 'peers.sock');
    const service: Service = {
      call: async () => 'answered',
      subscribe: () => () => undefined,
      close: async () => undefined,
    };
    const served = await serveUnixSocket(service, { path, groupId: GROUP });
    expect(statSync(path).mode & 0o777).toBe(0o660);
    // Open to all as a file: the check of the peer is what is left.
    chmodSync(path, 0o666);
    const ask = async (uid: number, gid: number, groups: number[]): Promise<string> => {
      const program = `
        process.setgroups(${JSON.stringify(groups)}); process.setgid(${gid}); process.setuid(${uid});
        const socket = require('node:net').connect(${JSON.stringify(path)});
        socket.write(JSON.stringify({ id: 1, call: 'service.info', input: {} }) + '\\n');
        socket.once('data', (data) => { process.stdout.write(data); process.exit(); });`;
      const child = spawn(process.execPath, ['-e', program], { stdio: 'pipe' });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      await once(child, 'exit');
      return text;
    };
    expect(await ask(65_534, 65_534, [])).toContain('not-in-group');
    expect(await ask(65_534, 65_534, [GROUP])).toContain('answered');
    expect(await ask(65_534, GROUP, [])).toContain('answered');
    await served.close();
  });
});
