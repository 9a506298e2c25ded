import { app, BrowserWindow, Menu, protocol } from 'electron';
import { fileURLToPath } from 'node:url';
import { createService, type Service } from '../service/service.ts';
import { historyPath } from '../service/state-path.ts';
import { denyPermissions, lockDown } from './lock-down.ts';
import { SCHEME } from './page-address.ts';
import { answerPageRequest } from './page-files.ts';
import { connectPage } from './page-line.ts';
import { openWindow } from './window.ts';

/** Built beside this file: out/main/app and out/renderer. */
const PAGE_FOLDER = fileURLToPath(new URL('../../renderer/', import.meta.url));

protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true } },
]);
app.enableSandbox();
lockDown();

if (app.requestSingleInstanceLock()) void app.whenReady().then(run);
else app.quit();

function run(): void {
  protocol.handle(SCHEME, (request) => answerPageRequest(request.url, PAGE_FOLDER));
  denyPermissions();
  Menu.setApplicationMenu(null);
  const service = createService({
    historyPath: historyPath(process.env, process.getuid?.() === 0),
    version: app.getVersion(),
    carrier: 'electron',
    runPlans: true,
  });
  showWindow(service);
  app.on('second-instance', () => BrowserWindow.getAllWindows()[0]?.focus());
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) showWindow(service);
  });
  app.on('window-all-closed', () => app.quit());
  closeServiceFirst(service);
}

function showWindow(service: Service): void {
  connectPage(openWindow().webContents, service);
}

/** A run that is under way is cancelled and cleaned up before the process ends. */
function closeServiceFirst(service: Service): void {
  let isClosed = false;
  app.on('before-quit', (event) => {
    if (isClosed) return;
    event.preventDefault();
    void service.close().finally(() => {
      isClosed = true;
      app.quit();
    });
  });
}
