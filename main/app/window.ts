import { BrowserWindow, nativeTheme, screen } from 'electron';
import { fileURLToPath } from 'node:url';
import { PAGE_URL } from './page-address.ts';
import { letZoom } from './zoom.ts';
import { keepPlace, savedPlace, SMALLEST } from './window-state.ts';

/** Paper and bark, as the page's body: what is seen before the page is drawn. */
const BACKGROUND = { light: '#faf8f3', dark: '#191613' } as const;

export const ICON = fileURLToPath(new URL('./icon.png', import.meta.url));

/**
 * @param place where in the page, as its hash has it: '/restore'
 * @param stateFile where the window's place on the screen is kept
 */
export function openWindow(place: string, stateFile: string): BrowserWindow {
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
  const { isMaximized, ...bounds } = savedPlace(stateFile, screens);
  const window = new BrowserWindow({
    ...bounds,
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    show: false,
    title: 'Dendro',
    icon: ICON,
    backgroundColor: BACKGROUND[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'],
    autoHideMenuBar: true,
    webPreferences: {
      preload: fileURLToPath(new URL('./preload.cjs', import.meta.url)),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => {
    if (isMaximized) window.maximize();
    window.show();
  });
  letZoom(window.webContents);
  keepPlace(window, stateFile);
  goTo(window, place);
  return window;
}

/** Shows a place in the page that is there, or will be. */
export function goTo(window: BrowserWindow, place: string): void {
  void window.loadURL(`${PAGE_URL}#${place}`);
}

export function bringUp(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
