import { ipcMain, type IpcMainEvent, type WebContents } from 'electron';
import { attachLine } from '../service/carriers/line.ts';
import type { Service } from '../service/service.ts';
import { TO_PAGE, TO_SERVICE } from './channels.ts';
import { isPageAddress } from './page-address.ts';

/**
 * Connects one window's page with the service. A message counts only when it comes from that
 * window's main frame and the frame shows the page; each is then checked by the contract.
 */
export function connectPage(contents: WebContents, service: Service): void {
  const send = (text: string): void => {
    if (!contents.isDestroyed()) contents.send(TO_PAGE, text);
  };
  const line = attachLine(service, { send });
  const receive = (event: IpcMainEvent, text: unknown): void => {
    if (typeof text === 'string' && isFromPage(event, contents)) line.receive(text);
  };
  ipcMain.on(TO_SERVICE, receive);
  contents.once('destroyed', () => {
    ipcMain.off(TO_SERVICE, receive);
    line.close();
  });
}

function isFromPage(event: IpcMainEvent, contents: WebContents): boolean {
  const frame = event.senderFrame;
  return (
    event.sender === contents &&
    frame !== null &&
    frame === contents.mainFrame &&
    isPageAddress(frame.url)
  );
}
