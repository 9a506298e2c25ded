import { EventEmitter } from 'node:events';
import { called, checkOptions, Emitter, guarded } from './electron-guard.ts';

/** What the main process and the page of the stand-in tell each other. */
export const appEvents = new Emitter('App');
export const ipcRendererEvents = new EventEmitter();

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
  zoomLevel = 0;
  getZoomLevel(): number {
    return this.zoomLevel;
  }
  setZoomLevel(level: number): void {
    this.zoomLevel = level;
  }
  startDrag(item: object): void {
    checkOptions('Item', item);
    called('startDrag', item);
  }
  reload(): void {
    called('webContents.reload');
  }
  forcefullyCrashRenderer(): void {
    called('webContents.forcefullyCrashRenderer');
  }
}

export const windows: StandInWindow[] = [];
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
