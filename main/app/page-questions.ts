import { app, BrowserWindow, dialog, ipcMain, type IpcMainInvokeEvent } from 'electron';
import { join } from 'node:path';
import { CHOOSE, DRAG, UNLOCK, type Choice, type Unlocked } from './channels.ts';
import { DraggedFiles } from './dragged-files.ts';
import { isPageAddress } from './page-address.ts';
import { ICON } from './window.ts';

/** Answers what a page may ask of the desktop; anybody else is refused. */
export function answerPage(unlock: () => Promise<Unlocked>): void {
  ipcMain.handle(CHOOSE, async (event, what: unknown) => {
    const window = windowOf(event);
    if (window === undefined || !isChoice(what)) return null;
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      properties: [what === 'folder' ? 'openDirectory' : 'openFile', 'showHiddenFiles'],
    });
    return canceled ? null : (filePaths[0] ?? null);
  });
  ipcMain.handle(UNLOCK, (event) => (windowOf(event) === undefined ? 'refused' : unlock()));
}

/** Lets the desktop take over a file that the page is being dragged by. */
export function letFilesOut(): void {
  const files = new DraggedFiles(join(app.getPath('userData'), 'dragged'));
  ipcMain.on(DRAG, (event, file: unknown) => {
    const path = windowOf(event) && files.put(file);
    if (path !== undefined) event.sender.startDrag({ file: path, icon: ICON });
  });
  app.on('will-quit', () => files.clear());
}

function isChoice(what: unknown): what is Choice {
  return what === 'file' || what === 'folder';
}

function windowOf({
  sender,
  senderFrame,
}: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>): BrowserWindow | undefined {
  const isPage =
    senderFrame !== null && senderFrame === sender.mainFrame && isPageAddress(senderFrame.url);
  return isPage ? (BrowserWindow.fromWebContents(sender) ?? undefined) : undefined;
}
