import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { argsOf } from './electron-guard.ts';
import {
  emitApp,
  exposed,
  power,
  sendFrom,
  theWindow,
  trays,
  userData,
} from './stand-in-electron.ts';

/**
 * The app's entry and its preload as they are, against a stand-in whose surface is that of the
 * installed electron.d.ts. This is no proof that they work in Electron: its program is not here.
 */
vi.mock('electron', async () => (await import('./stand-in-electron.ts')).standInElectron());

const state = mkdtempSync(join(tmpdir(), 'dendro-app-state-'));
const before = { ...process.env };

beforeAll(async () => {
  Object.assign(process.env, {
    DENDRO_STATE: state,
    DENDRO_SOCKET: join(state, 'none.sock'),
    XDG_CONFIG_HOME: join(state, 'config'),
  });
  await import('../../main/app/preload.ts');
  await import('../../main/app/app.ts');
  await vi.waitFor(() => expect(argsOf('setApplicationMenu')).toHaveLength(1));
  // Nobody listened yet: it came while the service was being opened, and was lost.
  expect(argsOf('loadURL')).toEqual([]);
  emitApp('second-instance', {}, ['dendro-desktop', 'dendro://drives']);
  await vi.waitFor(() => expect(argsOf('loadURL')).toHaveLength(1), { timeout: 60_000 });
});
afterAll(async () => {
  const quits = argsOf('quit').length;
  let held = 0;
  const event = { preventDefault: () => (held += 1) };
  power.emit('shutdown', event);
  expect(argsOf('quit').length).toBe(quits + 1);
  // Twice: who clicks again while it ends did end it twice, and found the tray gone.
  emitApp('before-quit', event);
  emitApp('before-quit', event);
  expect(held).toBe(3);
  await vi.waitFor(() => expect(argsOf('quit').length).toBe(quits + 2), { timeout: 60_000 });
  expect(argsOf('tray.destroy')).toHaveLength(1);
  process.env = before;
  for (const folder of [state, userData]) rmSync(folder, { recursive: true, force: true });
});

type AnyHandler = (...args: unknown[]) => unknown;

const bridge = () => exposed.get('dendro')!;

/** One call of the contract, as the page makes it. */
function ask(id: number, call: string, input: object = {}): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    bridge()['onMessage']!((text: unknown) => {
      const message = JSON.parse(String(text)) as Record<string, unknown>;
      if (message['id'] === id) resolve(message);
    });
    bridge()['send']!(JSON.stringify({ id, call, input }));
  });
}

test('a file that is dragged out of the page is put where only this user looks, and taken away', async () => {
  const drag = (file: unknown) => bridge()['drag']!(file);
  const file = { name: 'packing list.txt', bytes: Buffer.from('socks'), modifiedAtMs: 86_400_000 };
  drag(file);
  const [{ file: path, icon }] = argsOf('startDrag')[0] as [{ file: string; icon: string }];
  expect(basename(path)).toBe('packing list.txt');
  expect(readFileSync(path, 'utf8')).toBe('socks');
  expect(statSync(path)).toMatchObject({ mtimeMs: 86_400_000, mode: 0o100600 });
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  expect(existsSync(icon)).toBe(true);
  for (const name of ['../out', 'a/b', '', '.', '..', 'a\0b', 'é'.repeat(128), 7])
    drag({ ...file, name });
  drag({ ...file, bytes: 'socks' });
  drag({ ...file, bytes: new Uint8Array(8 * 1_048_576 + 1) });
  drag({ ...file, modifiedAtMs: NaN });
  drag(null);
  sendFrom({ url: 'https://example.org/' });
  drag(file);
  sendFrom(undefined);
  expect(argsOf('startDrag')).toHaveLength(1);
  for (let i = 0; i < 8; i += 1) drag(file);
  expect(existsSync(path)).toBe(false);
  const [last] = argsOf('startDrag').at(-1) as [{ file: string }];
  expect(existsSync(last.file)).toBe(true);
  emitApp('will-quit', {});
  expect(existsSync(last.file)).toBe(false);
});

describe('the app', () => {
  test('opens one sandboxed window with the page', () => {
    expect(argsOf('enableSandbox')).toHaveLength(1);
    expect(argsOf('loadURL')[0]).toEqual(['app://page/index.html#/drives']);
    const [options] = argsOf('new BrowserWindow')[0] as [{ webPreferences: object }];
    expect(options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
    });
    expect(argsOf('registerSchemesAsPrivileged')[0]).toEqual([
      [{ scheme: 'app', privileges: { standard: true, secure: true, codeCache: true } }],
    ]);
    expect(argsOf('setAsDefaultProtocolClient')).toEqual([['dendro']]);
  });

  test('serves the page under a strict policy', async () => {
    const [scheme, handler] = argsOf('protocol.handle')[0] as [
      string,
      (request: { url: string }) => Promise<Response>,
    ];
    expect(scheme).toBe('app');
    const elsewhere = await handler({ url: 'app://other/index.html' });
    expect(elsewhere.status).toBe(403);
  });

  test('lets the page go nowhere and open nothing', () => {
    const { contents } = theWindow();
    expect(contents.openHandler!({ url: 'https://example.org' })).toEqual({ action: 'deny' });
    const prevented = (event: string, details: object): boolean => {
      let was = false;
      contents.emit(event, { ...details, preventDefault: () => (was = true) });
      return was;
    };
    expect(prevented('will-navigate', { url: 'https://example.org' })).toBe(true);
    expect(prevented('will-navigate', { url: 'app://page/index.html#/plans' })).toBe(false);
    expect(prevented('will-redirect', { url: 'app://page/index.html' })).toBe(true);
    expect(prevented('will-attach-webview', {})).toBe(true);
  });

  test('denies permissions, devices and the network', () => {
    const [[request]] = argsOf('setPermissionRequestHandler') as [[AnyHandler]];
    const answers: boolean[] = [];
    for (const name of ['media', 'geolocation', 'openExternal', 'clipboard-read', 'notifications'])
      request(null, name, (allowed: boolean) => answers.push(allowed));
    expect(answers).toEqual([false, false, false, false, false]);
    const [[check]] = argsOf('setPermissionCheckHandler') as [[AnyHandler]];
    expect(check(null, 'media')).toBe(false);
    const [[device]] = argsOf('setDevicePermissionHandler') as [[AnyHandler]];
    expect(device({})).toBe(false);
    const [[before]] = argsOf('onBeforeRequest') as [[AnyHandler]];
    const cancelled = (url: string): unknown => {
      let answer: unknown;
      before({ url }, (given: unknown) => (answer = given));
      return answer;
    };
    expect(cancelled('https://example.org/')).toEqual({ cancel: true });
    expect(cancelled('file:///etc/passwd')).toEqual({ cancel: true });
    expect(cancelled('app://page/assets/a.js')).toEqual({ cancel: false });
  });

  test('carries calls of the page to the service, and only those of the page', async () => {
    expect(Object.keys(bridge()).sort()).toEqual(['choose', 'drag', 'onMessage', 'send', 'unlock']);
    const info = await ask(1, 'service.info');
    expect(info['output']).toMatchObject({ version: '1.2.3', carrier: 'electron' });
    const refused = await ask(2, 'settings.set', { theme: 'pink' });
    expect(refused['error']).toMatchObject({ kind: 'Usage', code: 'bad-input' });
    sendFrom({ url: 'https://example.org/' });
    let heard = false;
    bridge()['onMessage']!(() => (heard = true));
    bridge()['send']!(JSON.stringify({ id: 3, call: 'service.info', input: {} }));
    expect(await bridge()['choose']!('file')).toBeNull();
    expect(await bridge()['unlock']!()).toBe('refused');
    sendFrom(undefined);
    // No package with a polkit action is installed here: the page must be able to say so.
    expect(await bridge()['unlock']!()).toBe('no-helper');
    await ask(4, 'service.info');
    expect(heard).toBe(false);
  });

  test('asks for files in the desktop’s own dialog', async () => {
    expect(await bridge()['choose']!('folder')).toBe('/mnt/chosen');
    expect(argsOf('showOpenDialog').at(-1)).toMatchObject([
      { properties: ['openDirectory', 'showHiddenFiles'] },
    ]);
    expect(await bridge()['choose']!('anything else')).toBeNull();
  });

  test('a second start brings the window up, at the place that a link names', () => {
    emitApp('second-instance', {}, ['/opt/Dendro/dendro-desktop', 'dendro://restore']);
    expect(argsOf('loadURL').at(-1)).toEqual(['app://page/index.html#/restore']);
    expect(argsOf('focus').length).toBeGreaterThan(0);
    emitApp('second-instance', {}, ['dendro-desktop', 'dendro://../../etc', 'https://a/']);
    expect(argsOf('loadURL').at(-1)).toEqual(['app://page/index.html#/restore']);
  });

  // It brought up a window that nobody had asked for.
  test('a second start with the session asks for no window', () => {
    const [shown, loaded] = [argsOf('focus').length, argsOf('loadURL').length];
    emitApp('second-instance', {}, ['dendro-desktop', '--hidden']);
    expect([argsOf('focus').length, argsOf('loadURL').length]).toEqual([shown, loaded]);
  });

  // Without a menu Electron has no keys for it: the page could not be made larger.
  test('the page is made larger and smaller as in a browser', () => {
    const { contents } = theWindow();
    const press = (key: string, more: object = {}): boolean => {
      let was = false;
      const input = { type: 'keyDown', key, control: true, alt: false, meta: false, ...more };
      contents.emit('before-input-event', { preventDefault: () => (was = true) }, input);
      return was;
    };
    expect([press('+'), press('='), contents.zoomLevel]).toEqual([true, true, 2]);
    expect([press('-'), contents.zoomLevel]).toEqual([true, 1]);
    contents.emit('zoom-changed', {}, 'in');
    expect(contents.zoomLevel).toBe(2);
    for (let i = 0; i < 20; i++) press('+');
    expect(contents.zoomLevel).toBe(8);
    expect([press('0'), contents.zoomLevel]).toEqual([true, 0]);
    for (const more of [{ control: false }, { alt: true }, { type: 'keyUp' }])
      expect([press('+', more), contents.zoomLevel]).toEqual([false, 0]);
    expect(press('b')).toBe(false);
  });

  test('the tray says the state, in the language of the desktop, and pauses the plans', async () => {
    const labels = () => trays[0]!.menu.flatMap(({ label }) => label ?? []);
    await vi.waitFor(() => expect(labels()[0]).toBe('Es läuft nichts'));
    const item = (label: string) => trays[0]!.menu.find((one) => one.label === label)!;
    item('Pläne eine Stunde ruhen lassen').click!({});
    await vi.waitFor(() => expect(labels()[0]).toMatch(/^Pläne ruhen bis /));
    const settings = await ask(5, 'settings.get');
    const { plansPausedUntilMs } = settings['output'] as { plansPausedUntilMs: number };
    expect(plansPausedUntilMs).toBeGreaterThan(Date.now());
    item('Pläne weiterlaufen lassen').click!({});
    await vi.waitFor(() => expect(labels()[0]).toBe('Es läuft nichts'));
    item('Beim Anmelden starten').click!({ checked: true });
    const entry = join(state, 'config/autostart/io.github.dendro.desktop');
    expect(readFileSync(entry, 'utf8')).toMatch(/^Exec=".*" --hidden$/m);
    // Electron showed a stack, and the mark stood though nothing starts.
    rmSync(join(state, 'config/autostart'), { recursive: true });
    writeFileSync(join(state, 'config/autostart'), '');
    item('Beim Anmelden starten').click!({ checked: true });
    expect(item('Beim Anmelden starten')).toMatchObject({ checked: false });
    expect(argsOf('new Notification').at(-1)![0]).toMatchObject({
      title: 'Etwas mit diesem Namen ist schon da.',
    });
  });

  test('a page that crashes is loaded again and said; one that keeps on is asked about', () => {
    const { contents } = theWindow();
    const crash = () => contents.emit('render-process-gone', {}, { reason: 'crashed' });
    crash();
    expect(argsOf('webContents.reload')).toHaveLength(1);
    expect(argsOf('new Notification').at(-1)).toMatchObject([
      { title: 'Das Fenster musste neu geladen werden' },
    ]);
    for (let i = 0; i < 3; i++) crash();
    expect(argsOf('webContents.reload')).toHaveLength(3);
    expect(argsOf('showMessageBox')).toHaveLength(1);
    theWindow().emit('unresponsive');
    expect(argsOf('webContents.forcefullyCrashRenderer')).toHaveLength(1);
  });

  test('the window’s place is kept', () => {
    theWindow().emit('close');
    expect(JSON.parse(readFileSync(join(userData, 'window.json'), 'utf8'))).toEqual({
      x: 1,
      y: 2,
      width: 1_000,
      height: 700,
      isMaximized: false,
    });
  });
});
