import { EventEmitter } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { called, checkOptions, Emitter, guarded } from './electron-guard.ts';
import { appEvents, ipcRendererEvents, StandInWindow, windows } from './stand-in-window.ts';

/**
 * Stands in for the module `electron` in the tests of main/app: the entry and the preload run
 * against it as they are. What it offers does little, but it offers only what electron.d.ts of the
 * installed version has: another member, event, option or channel throws.
 */
export const userData = mkdtempSync(join(tmpdir(), 'dendro-app-'));

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

export const power = new Emitter('PowerMonitor');

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
  powerMonitor: power,
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
