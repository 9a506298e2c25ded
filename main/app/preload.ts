import { contextBridge, ipcRenderer } from 'electron';
import { CHOOSE, TO_PAGE, TO_SERVICE, UNLOCK } from './channels.ts';

let listener: ((text: string) => void) | undefined;
ipcRenderer.on(TO_PAGE, (_event, text: unknown) => {
  if (typeof text === 'string') listener?.(text);
});

/** All that the page gets of Electron: a line of text and two questions. See `DendroBridge`. */
contextBridge.exposeInMainWorld('dendro', {
  send: (text: unknown): void => {
    if (typeof text === 'string') ipcRenderer.send(TO_SERVICE, text);
  },
  onMessage: (next: (text: string) => void): void => {
    listener = next;
  },
  choose: (what: unknown): Promise<unknown> => ipcRenderer.invoke(CHOOSE, what),
  unlock: (): Promise<unknown> => ipcRenderer.invoke(UNLOCK),
});
