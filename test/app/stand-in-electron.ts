import { EventEmitter } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readElectronSurface } from './electron-surface.ts';

/**
 * Stands in for the module `electron` in the tests of main/app: the entry and the preload run
 * against it as they are. What it offers does little, but it offers only what electron.d.ts of the
 * installed version has: another member, event, option or channel throws.
 */
export const calls: { readonly what: string; readonly args: readonly unknown[] }[] = [];
export const userData = mkdtempSync(join(tmpdir(), 'dendro-app-'));

const surfaceOf = readElectronSurface();
const called = (what: string, ...args: unknown[]): void => void calls.push({ what, args });

/** Everything that was passed to a method, call by call. */
export function argsOf(what: string): (readonly unknown[])[] {
  return calls.filter((call) => call.what === what).map(({ args }) => args);
}

/** Of the events that electron.d.ts names for the class. */
class Emitter extends EventEmitter {
  readonly #events: ReadonlySet<string>;
  constructor(name: string) {
    super();
    this.#events = surfaceOf(name).events;
  }
  override on(event: string, listener: (...args: never[]) => void): this {
    this.#check(event);
    return super.on(event, listener as never);
  }
  override once(event: string, listener: (...args: never[]) => void): this {
    this.#check(event);
    return super.once(event, listener as never);
  }
  #check(event: string): void {
    if (!this.#events.has(event)) throw new Error(`Electron has no event '${event}' here`);
  }
}

/** An object whose members are checked against a class of electron.d.ts. */
function guarded<T extends object>(name: string, target: T): T {
  const { members } = surfaceOf(name);
  return new Proxy(target, {
    get(object, key) {
      if (typeof key === 'string' && !members.has(key)) throw new Error(`${name} has no ${key}`);
      if (typeof key === 'string' && !(key in object))
        throw new Error(`no stand-in: ${name}.${key}`);
      const value = Reflect.get(object, key) as unknown;
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });
}

function checkOptions(name: string, options: object): void {
  const { members } = surfaceOf(name);
  for (const key of Object.keys(options)) {
    if (!members.has(key)) throw new Error(`${name} has no option ${key}`);
  }
}

class Frame {
  url: string;
  constructor(url: string) {
    this.url = url;
  }
}

export class StandInContents extends Emitter {
  mainFrame = new Frame('about:blank');
  openHandler: ((details: { url: string }) => { action: string }) | undefined;
  constructor() {
    super('WebContents');
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }
  isDestroyed(): boolean {
    return false;
  }
  /** What the preload of this window listens to. */
  send(channel: string, text: unknown): void {
    if (ipcRendererEvents.listenerCount(channel) === 0) {
      throw new Error(`nobody listens to ${channel} in the page`);
    }
    ipcRendererEvents.emit(channel, {}, text);
  }
  reload(): void {
    called('webContents.reload');
  }
  forcefullyCrashRenderer(): void {
    called('webContents.forcefullyCrashRenderer');
  }
}

const windows: StandInWindow[] = [];
export class StandInWindow extends Emitter {
  readonly webContents: StandInContents;
  /** Without the guard. */
  readonly contents = new StandInContents();
  constructor(options: { webPreferences: object }) {
    super('BrowserWindow');
    checkOptions('BrowserWindowConstructorOptions', options);
    checkOptions('WebPreferences', options.webPreferences);
    called('new BrowserWindow', options);
    this.webContents = guarded('WebContents', this.contents);
    windows.push(this);
    appEvents.emit('web-contents-created', {}, this.webContents);
  }
  static getAllWindows(): StandInWindow[] {
    return windows.map((window) => guarded('BrowserWindow', window));
  }
  static fromWebContents(contents: unknown): StandInWindow | null {
    return windows.find(({ webContents }) => webContents === contents) ?? null;
  }
  loadURL(url: string): Promise<void> {
    called('loadURL', url);
    this.contents.mainFrame.url = url;
    return Promise.resolve();
  }
  setProgressBar(progress: number): void {
    called('setProgressBar', progress);
  }
  getNormalBounds() {
    return { x: 1, y: 2, width: 1_000, height: 700 };
  }
  isMaximized(): boolean {
    return false;
  }
  isMinimized(): boolean {
    return true;
  }
  isDestroyed(): boolean {
    return false;
  }
  isFocused(): boolean {
    return false;
  }
  restore(): void {
    called('restore');
  }
  maximize(): void {
    called('maximize');
  }
  show(): void {
    called('show');
  }
  focus(): void {
    called('focus');
  }
}

const appEvents = new Emitter('App');
const app = guarded(
  'App',
  Object.assign(appEvents, {
    isPackaged: true,
    enableSandbox: () => called('enableSandbox'),
    requestSingleInstanceLock: () => true,
    whenReady: () => Promise.resolve(),
    getVersion: () => '1.2.3',
    getLocale: () => 'de-DE',
    getPath: () => userData,
    setAsDefaultProtocolClient: (scheme: string) => called('setAsDefaultProtocolClient', scheme),
    quit: () => called('quit'),
    exit: (code: number) => called('exit', code),
  }),
);

type Handler = (request: { url: string }) => Promise<Response>;
const protocol = guarded('Protocol', {
  registerSchemesAsPrivileged(schemes: { privileges: object }[]): void {
    for (const scheme of schemes) {
      checkOptions('CustomScheme', scheme);
      checkOptions('Privileges', scheme.privileges);
    }
    called('registerSchemesAsPrivileged', schemes);
  },
  handle: (scheme: string, handler: Handler) => called('protocol.handle', scheme, handler),
});

type RequestListener = (details: { url: string }, answer: (what: object) => void) => void;
const session = {
  defaultSession: guarded('Session', {
    setPermissionRequestHandler: (handler: unknown) =>
      called('setPermissionRequestHandler', handler),
    setPermissionCheckHandler: (handler: unknown) => called('setPermissionCheckHandler', handler),
    setDevicePermissionHandler: (handler: unknown) => called('setDevicePermissionHandler', handler),
    webRequest: guarded('WebRequest', {
      onBeforeRequest: (listener: RequestListener) => called('onBeforeRequest', listener),
    }),
  }),
};

const ipcMainEvents = new EventEmitter();
const handlers = new Map<string, (event: object, ...args: unknown[]) => unknown>();
const ipcMain = guarded(
  'IpcMain',
  Object.assign(ipcMainEvents, {
    handle: (channel: string, handler: never) => void handlers.set(channel, handler),
  }),
);

/** What is sent as if from the page of this window; another frame is another sender. */
const sendingWindow = (): StandInWindow => windows[0]!;
export let senderFrame: object | undefined;
export function sendFrom(frame: object | undefined): void {
  senderFrame = frame;
}
function eventFromPage() {
  const { webContents, contents } = sendingWindow();
  return { sender: webContents, senderFrame: senderFrame ?? contents.mainFrame };
}

const ipcRendererEvents = new EventEmitter();
const ipcRenderer = guarded(
  'IpcRenderer',
  Object.assign(ipcRendererEvents, {
    send(channel: string, ...args: unknown[]): void {
      if (ipcMainEvents.listenerCount(channel) === 0) throw new Error(`nobody hears ${channel}`);
      ipcMainEvents.emit(channel, eventFromPage(), ...args);
    },
    async invoke(channel: string, ...args: unknown[]): Promise<unknown> {
      const handler = handlers.get(channel);
      if (handler === undefined) throw new Error(`nobody answers ${channel}`);
      return handler(eventFromPage(), ...args);
    },
  }),
);

/** What the preload gave the page, by name. */
export const exposed = new Map<string, Record<string, (...args: unknown[]) => unknown>>();
const contextBridge = guarded('ContextBridge', {
  exposeInMainWorld: (name: string, api: never) => void exposed.set(name, api),
});

export const trays: { menu: readonly { label?: string; click?: (item: object) => void }[] }[] = [];
class StandInTray extends Emitter {
  menu: { label?: string }[] = [];
  constructor(icon: string) {
    super('Tray');
    called('new Tray', icon);
    trays.push(this);
    return guarded('Tray', this) as this;
  }
  setToolTip(text: string): void {
    called('setToolTip', text);
  }
  setContextMenu(menu: { items: { label?: string }[] }): void {
    // Members are guarded on the way in only.
    trays[0]!.menu = menu.items;
  }
  destroy(): void {
    called('tray.destroy');
  }
}

class StandInNotification extends Emitter {
  constructor(options: object) {
    super('Notification');
    checkOptions('NotificationConstructorOptions', options);
    called('new Notification', options);
  }
  show(): void {
    called('notification.show');
  }
}

const electron = {
  app,
  protocol,
  session,
  ipcMain,
  ipcRenderer,
  contextBridge,
  BrowserWindow: StandInWindow,
  Tray: StandInTray,
  Notification: StandInNotification,
  Menu: {
    setApplicationMenu: (menu: unknown) => called('setApplicationMenu', menu),
    buildFromTemplate(items: object[]) {
      for (const item of items) checkOptions('MenuItemConstructorOptions', item);
      return { items };
    },
  },
  dialog: guarded('Dialog', {
    showOpenDialog(_window: object, options: object) {
      checkOptions('OpenDialogOptions', options);
      called('showOpenDialog', options);
      return Promise.resolve({ canceled: false, filePaths: ['/mnt/chosen'] });
    },
    showMessageBox(_window: object, options: object) {
      checkOptions('MessageBoxOptions', options);
      called('showMessageBox', options);
      return Promise.resolve({ response: 0 });
    },
    showErrorBox: (title: string, text: string) => called('showErrorBox', title, text),
  }),
  screen: guarded('Screen', {
    getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1_920, height: 1_080 } }],
  }),
  nativeTheme: guarded('NativeTheme', { shouldUseDarkColors: true }),
};

/** For `vi.mock('electron')`. */
export function standInElectron(): typeof electron {
  return electron;
}
export const emitApp = (event: string, ...args: unknown[]): unknown =>
  appEvents.emit(event, ...args);
export const theWindow = (): StandInWindow => windows[0]!;
