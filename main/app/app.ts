import { app, BrowserWindow, Menu, protocol } from 'electron';
import { fileURLToPath } from 'node:url';
import { DendroError } from '../../shared/errors.ts';
import { openService } from '../service/open-service.ts';
import type { Service } from '../service/service.ts';
import { socketPath } from '../service/socket-path.ts';
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

async function run(): Promise<void> {
  protocol.handle(SCHEME, (request) => answerPageRequest(request.url, PAGE_FOLDER));
  denyPermissions();
  Menu.setApplicationMenu(null);
  const service = await openOwnService();
  showWindow(service);
  app.on('second-instance', () => BrowserWindow.getAllWindows()[0]?.focus());
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) showWindow(service);
  });
  app.on('window-all-closed', () => app.quit());
  closeServiceFirst(service);
}

/** The daemon's, else our own; where another process carries plans out this one only edits them. */
async function openOwnService(): Promise<Service> {
  const open = (runPlans: boolean) =>
    openService(
      {
        historyPath: historyPath(process.env, process.getuid?.() === 0),
        version: app.getVersion(),
        carrier: 'electron',
        runPlans,
      },
      socketPath(process.env),
    );
  const opened = await open(true).catch((error: unknown) => {
    if (error instanceof DendroError && error.code === 'service-running') return open(false);
    throw error;
  });
  return opened.service;
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
