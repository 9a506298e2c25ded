import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startHelper } from '../../main/app/helper.ts';
import type { Service } from '../../main/service/service.ts';
import { withoutPrograms } from '../../main/service/without-programs.ts';
import { dendro } from '../harness/dendro.ts';

const plan = {
  name: 'Home',
  sources: [{ volumeId: 'v', subvolumeId: 256 }],
  targets: [{ kind: 'ssh', url: 'ssh://me@nas/backups' }],
};
const withConfig = { ...plan, targets: [{ ...plan.targets[0], configFile: '/home/me/evil' }] };
const file = (key: string) =>
  `[[plan]]\nname = "Home"\nsources = ["/home"]\nwhen = []\nkeepLocal = { latest = 2 }\n` +
  `[[plan.targets]]\nkind = "ssh"\nurl = "ssh://me@nas/b"\n${key} = "/home/me/evil"\n` +
  `keep = { latest = 2 }\n`;

describe('for a user who is not root the service', () => {
  const seen: string[] = [];
  const service = withoutPrograms({
    call: async (name) => void seen.push(name),
    subscribe: () => () => undefined,
    close: async () => undefined,
  } as Service);

  test.each([
    ['settings.set', { noticeWays: [{ way: 'command', command: ['/bin/sh', '-c', 'id'] }] }],
    [
      'settings.set',
      { noticeWays: [{ way: 'webhook', url: 'https://a/', tokenFile: '/etc/shadow' }] },
    ],
    ['plans.create', withConfig],
    ['plans.update', { ...plan, planId: 'p', targets: [{ remoteDendro: 'sh -c id' }] }],
    ['plans.import', { text: file('configFile'), format: 'toml' }],
    // Another spelling of the same key.
    ['plans.import', { text: file('"config\\u0046ile"'), format: 'toml' }],
  ] as const)('refuses %s with a program that root would run: %j', async (name, input) => {
    await expect(service.call(name, input)).rejects.toMatchObject({
      kind: 'Denied',
      code: 'needs-root',
    });
  });

  test('does all else', async () => {
    seen.length = 0;
    await service.call('plans.create', {
      ...plan,
      targets: [{ configFile: '', remoteDendro: '' }],
    });
    await service.call('settings.set', { theme: 'dark', noticeWays: [{ way: 'desktop' }] });
    await service.call('plans.run', { planId: 'p' });
    expect(seen).toEqual(['plans.create', 'settings.set', 'plans.run']);
  });
});

describe.skipIf(process.getuid?.() !== 0)('the helper', () => {
  test('serves the app over its pipes, ends with them, and is no way to run commands', async () => {
    const state = mkdtempSync(join(tmpdir(), 'dendro-helper-'));
    const child = spawn(dendro, ['helper'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, DENDRO_STATE: state, DENDRO_SOCKET: join(state, 'none.sock') },
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const { service } = await startHelper(() => child);
    const info = (await service.call('service.info', {})) as { isRoot: boolean; carrier: string };
    expect(info.isRoot).toBe(true);
    expect(info.carrier).toBe('helper');
    await expect(
      service.call('settings.set', { noticeWays: [{ way: 'command', command: ['id'] }] }),
    ).rejects.toMatchObject({ code: 'needs-root' });
    await service.close();
    expect(await ended).toBe(0);
    rmSync(state, { recursive: true });
  });
});
