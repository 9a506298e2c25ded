import { contextBridge, ipcRenderer } from 'electron';
import { CHOOSE, DRAG, TO_PAGE, TO_SERVICE, UNLOCK } from './channels.ts';

let listener: ((text: string) => void) | undefined;
ipcRenderer.on(TO_PAGE, (_event, text: unknown) => {
  if (typeof text === 'string') listener?.(text);
});

/** All that the page gets of Electron: a line of text, two questions, and a file to drag. See `DendroBridge`. */
contextBridge.exposeInMainWorld('dendro', {
  send: (text: unknown): void => {
    if (typeof text === 'string') ipcRenderer.send(TO_SERVICE, text);
  },
  onMessage: (next: (text: string) => void): void => {
    listener = next;
  },
  choose: (what: unknown): Promise<unknown> => ipcRenderer.invoke(CHOOSE, what),
  drag: (file: unknown): void => ipcRenderer.send(DRAG, file),
  unlock: (): Promise<unknown> => ipcRenderer.invoke(UNLOCK),
});
