import { BrowserWindow, dialog, ipcMain, type IpcMainInvokeEvent } from 'electron';
import { CHOOSE, UNLOCK, type Choice, type Unlocked } from './channels.ts';
import { isPageAddress } from './page-address.ts';

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

function isChoice(what: unknown): what is Choice {
  return what === 'file' || what === 'folder';
}

function windowOf({ sender, senderFrame }: IpcMainInvokeEvent): BrowserWindow | undefined {
  const isPage =
    senderFrame !== null && senderFrame === sender.mainFrame && isPageAddress(senderFrame.url);
  return isPage ? (BrowserWindow.fromWebContents(sender) ?? undefined) : undefined;
}
