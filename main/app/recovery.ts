import { app, dialog, type BrowserWindow } from 'electron';
import { showNotice } from './notice.ts';
import type { DesktopText } from './text.ts';

/** A page that ends more often than this within the time is not loaded again unasked. */
const MOST_RELOADS = 3;
const WITHIN_MS = 60_000;

/** Loads a page again that has crashed or hangs, and says so; one that keeps on is asked about. */
export function recoverPage(window: BrowserWindow, text: () => DesktopText): void {
  let reloads: number[] = [];
  const recover = (): void => {
    if (window.isDestroyed()) return;
    const now = Date.now();
    reloads = [...reloads.filter((at) => now - at < WITHIN_MS), now];
    if (reloads.length > MOST_RELOADS) return void ask(window, text(), () => (reloads = []));
    tell(text().pageLost, text().pageLostText);
    window.webContents.reload();
  };
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit') recover();
  });
  window.on('unresponsive', () => {
    // Ends the process that hangs, which is then gone.
    window.webContents.forcefullyCrashRenderer();
  });
}

export function tell(title: string, body: string): void {
  showNotice({ title, body });
}

async function ask(window: BrowserWindow, text: DesktopText, anew: () => void): Promise<void> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    message: text.pageLostAgain,
    detail: text.pageLostText,
    buttons: [text.loadAgain, text.quitNow],
    defaultId: 0,
    cancelId: 0,
  });
  if (response === 1) return app.quit();
  anew();
  window.webContents.reload();
}
