import { app, BrowserWindow } from 'electron';
import { join } from 'node:path';
import { toErrorData } from '../../shared/errors.ts';
import type { Run } from '../../shared/model/run.ts';
import { defaultSettings, Settings } from '../../shared/model/service.ts';
import { Autostart } from './autostart.ts';
import type { Backend } from './backend.ts';
import type { Unlocked } from './channels.ts';
import { hasHelper, startHelper } from './helper.ts';
import { connectPage } from './page-line.ts';
import { recoverPage, tell } from './recovery.ts';
import { RunWatch } from './run-watch.ts';
import { desktopText, type DesktopText } from './text.ts';
import { tongueOf } from '../../shared/text/tell.ts';
import { DesktopTray } from './tray.ts';
import { bringUp, goTo, ICON, openWindow } from './window.ts';

/** The paused plans begin again by themselves: the tray must say so. */
const LOOK_MS = 30_000;

/** @param language as the settings have it; `system`: the desktop's */
export async function textFor(language: string): Promise<DesktopText> {
  return desktopText(await tongueOf(language, [app.getLocale()]));
}

/** What a person sees of the app: its window, its tray, what it tells. */
export class Desktop {
  readonly #backend: Backend;
  readonly #tray: DesktopTray;
  readonly #watch: RunWatch;
  readonly #autostart = new Autostart(process.env, process.execPath);
  #settings: Settings = defaultSettings;
  #text: DesktopText;
  #running: readonly Run[] = [];
  #canUnlock: boolean;

  /** @param text in the desktop's language, until the settings name one */
  constructor(backend: Backend, text: DesktopText) {
    this.#backend = backend;
    this.#text = text;
    this.#canUnlock = process.getuid?.() !== 0 && !backend.isDaemon && hasHelper();
    this.#tray = new DesktopTray(ICON, {
      open: () => this.show(),
      pause: (untilMs) => void this.#pause(untilMs),
      unlock: () => void this.unlock(),
      setAutostart: (isOn) => this.#setAutostart(isOn),
      quit: () => app.quit(),
    });
    this.#watch = new RunWatch({
      window: () => this.#window,
      text: () => this.#text,
      changed: (running) => {
        this.#running = running;
        this.#refresh();
      },
      show: (runId) => this.show(`/activity/${encodeURIComponent(runId)}`),
    });
    backend.subscribe((event, data) => {
      if (event === 'run.changed') this.#watch.take(data as Run);
      if (event === 'settings.changed') void this.#readSettings();
    });
    setInterval(() => this.#refresh(), LOOK_MS).unref();
    void this.#readSettings();
  }

  /** True while closing the last window leaves something to do: plans, or a start with the session. */
  get staysWithoutWindow(): boolean {
    return !this.#backend.isDaemon || this.#autostart.isOn;
  }

  /** Brings the window up, at a place in the page if one is named. */
  show(place?: string): void {
    const window = this.#window;
    if (window !== undefined) {
      if (place !== undefined) goTo(window, place);
      return bringUp(window);
    }
    const opened = openWindow(place ?? '/', join(app.getPath('userData'), 'window.json'));
    connectPage(opened.webContents, this.#backend);
    recoverPage(opened, () => this.#text);
  }

  /** Asks for the helper that may do what the user may not, and says how that went. */
  async unlock(): Promise<Unlocked> {
    if (!hasHelper()) return 'no-helper';
    if (!this.#canUnlock) return 'refused';
    try {
      await this.#backend.replace(await startHelper());
    } catch (error) {
      if (toErrorData(error).kind !== 'Denied') this.#tellError(error);
      return 'refused';
    }
    this.#canUnlock = false;
    // Everything on the page was asked of a service that may do less.
    this.#window?.webContents.reload();
    this.#refresh();
    return 'unlocked';
  }

  serviceLost(): void {
    this.#watch.forget();
    tell(this.#text.serviceLost, this.#text.serviceLostText);
  }

  serviceBack(): void {
    this.#canUnlock = process.getuid?.() !== 0 && !this.#backend.isDaemon && hasHelper();
    tell(this.#text.serviceBack, '');
    void this.#readSettings();
  }

  close(): void {
    this.#tray.destroy();
  }

  get #window(): BrowserWindow | undefined {
    return BrowserWindow.getAllWindows()[0];
  }

  async #pause(untilMs: number): Promise<void> {
    await this.#backend
      .call('settings.set', { plansPausedUntilMs: untilMs })
      .catch((error: unknown) => this.#tellError(error));
  }

  #setAutostart(isOn: boolean): void {
    try {
      this.#autostart.set(isOn);
    } catch (error) {
      this.#tellError(error);
    }
    // The item has turned its mark by itself, whatever came of it.
    this.#tray.forget();
    this.#refresh();
  }

  async #readSettings(): Promise<void> {
    const read = await this.#backend.call('settings.get', {}).catch(() => undefined);
    this.#settings = Settings.safeParse(read).data ?? this.#settings;
    this.#text = await textFor(this.#settings.language);
    this.#refresh();
  }

  #tellError(error: unknown): void {
    const data = toErrorData(error);
    tell(this.#text.what(data), this.#text.todo(data));
  }

  #refresh(): void {
    const state = {
      running: this.#running,
      pausedUntilMs: this.#settings.plansPausedUntilMs,
      isAutostartOn: this.#autostart.isOn,
      canUnlock: this.#canUnlock,
    };
    this.#tray.show(state, this.#text, Date.now());
  }
}
