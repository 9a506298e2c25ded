import { contextBridge, ipcRenderer } from 'electron';
import { TO_PAGE, TO_SERVICE } from './channels.ts';

let listener: ((text: string) => void) | undefined;
ipcRenderer.on(TO_PAGE, (_event, text: unknown) => {
  if (typeof text === 'string') listener?.(text);
});

/** All that the page gets of Electron: a line of text. The page's side is `DendroBridge`. */
contextBridge.exposeInMainWorld('dendro', {
  send: (text: unknown): void => {
    if (typeof text === 'string') ipcRenderer.send(TO_SERVICE, text);
  },
  onMessage: (next: (text: string) => void): void => {
    listener = next;
  },
});
