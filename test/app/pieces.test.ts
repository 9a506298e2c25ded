import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Autostart } from '../../main/app/autostart.ts';
import { Backend } from '../../main/app/backend.ts';
import { placeOfArguments, placeOfLink } from '../../main/app/deep-link.ts';
import { startHelper } from '../../main/app/helper.ts';
import { savedPlace } from '../../main/app/window-state.ts';
import type { OpenedService } from '../../main/service/open-service.ts';
import type { Service } from '../../main/service/service.ts';
import { standInElectron } from './stand-in-electron.ts';
import { StandInWindow } from './stand-in-window.ts';

describe('links', () => {
  test.each([
    ['dendro://home', '/'],
    ['dendro://restore', '/restore'],
    ['dendro://restore/', '/restore'],
    ['dendro://activity/run-1', '/activity/run-1'],
  ])('%s leads to %s', (link, place) => expect(placeOfLink(link)).toBe(place));

  test.each([
    'dendro://',
    'dendro://elsewhere',
    'dendro://restore/../../etc',
    'dendro://restore/a/b',
    'dendro://restore?run=1',
    'dendro://restore#x',
    'dendro://activity/%2e%2e',
    `dendro://activity/${'a'.repeat(65)}`,
    'DENDRO://home\njavascript:alert(1)',
    'javascript:alert(1)',
    'https://example.org/dendro://home',
    'file://host/share',
  ])('%s leads nowhere', (link) => {
    expect(placeOfLink(link)).toBeUndefined();
    expect(placeOfArguments(['dendro-desktop', link])).toBeUndefined();
  });

  test('a stream file opened from a file manager is shown by its path', () => {
    const place = placeOfArguments(['dendro-desktop', '--hidden', 'file:///mnt/a%20b/x.btrfs']);
    expect(place).toBe('/streams/file/%2Fmnt%2Fa%20b%2Fx.btrfs');
  });
});

describe('the window', () => {
  const screens = [{ x: 0, y: 0, width: 1_920, height: 1_080 }];
  const first = { width: 1_280, height: 800, isMaximized: false };
  const file = join(mkdtempSync(join(tmpdir(), 'dendro-window-')), 'window.json');
  const saved = (content: unknown) => {
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return savedPlace(file, screens);
  };

  test('comes back where it was', () => {
    const place = { x: 100, y: 50, width: 1_000, height: 700, isMaximized: true };
    expect(saved(place)).toEqual(place);
  });

  test('comes to the middle when its screen is gone', () => {
    const place = { x: 3_000, y: 50, width: 1_000, height: 700, isMaximized: false };
    expect(saved(place)).toEqual({ width: 1_000, height: 700, isMaximized: false });
  });

  test.each(['', 'null', '[]', '{"x":0}', '{"x":0,"y":0,"width":1e99,"height":1,"isMaximized":1}'])(
    'has its first size when what was kept is %j',
    (content) => expect(saved(content)).toEqual(first),
  );
});

test('an AppImage starts with the session by its own file, whatever it is called', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dendro-autostart-'));
  const autostart = new Autostart({ HOME: folder, APPIMAGE: '/home/me/50% "$x".AppImage' }, '/x');
  expect(autostart.isOn).toBe(false);
  autostart.set(true);
  expect(autostart.isOn).toBe(true);
  autostart.set(false);
  expect(autostart.isOn).toBe(false);
  rmSync(folder, { recursive: true });
});

describe('the service behind the windows', () => {
  function standIn(name: string) {
    let gone = (): void => undefined;
    let closed = 0;
    const subscribers = new Set<(event: never, data: never) => void>();
    const service: Service = {
      call: async () => name,
      subscribe: (subscriber) => {
        subscribers.add(subscriber as never);
        return () => subscribers.delete(subscriber as never);
      },
      close: async () => void closed++,
    };
    const opened: OpenedService = { service, isDaemon: true, onGone: (listen) => (gone = listen) };
    return { opened, subscribers, gone: () => gone(), closed: () => closed };
  }

  test('is found again when it has ended, and pages are told to ask again', async () => {
    const services = [standIn('one'), standIn('two')];
    const said: string[] = [];
    let opens = 0;
    const back = new Promise<void>((resolve) => {
      void Backend.open({
        open: async () => services[opens++]!.opened,
        onLost: () => said.push('lost'),
        onBack: () => {
          said.push('back');
          resolve();
        },
      }).then((backend) => {
        backend.subscribe((event) => said.push(event));
        services[0]!.gone();
      });
    });
    await back;
    expect(said).toEqual([
      'lost',
      'volumes.changed',
      'plans.changed',
      'drives.changed',
      'settings.changed',
      'back',
    ]);
    expect(services[0]!.subscribers.size).toBe(0);
    expect(services[1]!.subscribers.size).toBe(1);
  });

  test('gives way to the helper that was unlocked', async () => {
    const [own, helper] = [standIn('own'), standIn('helper')];
    const options = { onLost: () => undefined, onBack: () => undefined };
    const backend = await Backend.open({ open: async () => own.opened, ...options });
    await backend.replace(helper.opened);
    expect(await backend.call('service.info', {})).toBe('helper');
    expect(own.closed()).toBe(1);
  });
});

describe('the helper', () => {
  const exits = (code: number) => () => spawn('sh', ['-c', `exit ${code}`], { stdio: 'pipe' });

  test('that polkit refuses is a permission that is missing', async () => {
    for (const code of [126, 127]) {
      await expect(startHelper(exits(code))).rejects.toMatchObject({
        kind: 'Denied',
        code: 'not-authorised',
      });
    }
  });

  test('that ends otherwise has failed', async () => {
    await expect(startHelper(exits(3))).rejects.toMatchObject({ code: 'helper-ended' });
    const missing = () => spawn('/nonexistent/pkexec', [], { stdio: 'pipe' });
    await expect(startHelper(missing)).rejects.toMatchObject({ code: 'helper-ended' });
  });
});

/** What the stand-in is for: each of these would be silently ignored, or fail in Electron only. */
describe('the stand-in for Electron refuses', () => {
  const { app, ipcRenderer, contextBridge } = standInElectron();
  test.each([
    [
      'a member',
      () => (app as unknown as { requestSingleInstance(): void }).requestSingleInstance(),
    ],
    ['an event', () => app.on('second-instances', () => undefined)],
    ['an option', () => new StandInWindow({ webPreferences: { sandboxed: true } })],
    ['a channel', () => ipcRenderer.send('dendro:to-servce', '')],
    ['a name of the bridge', () => (contextBridge as unknown as { expose(): void }).expose()],
  ])('%s that is misspelt', (_what, act) => {
    expect(act).toThrow(/has no|no event|nobody hears/);
  });
});
