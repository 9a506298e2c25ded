import { app, dialog, Menu, powerMonitor, protocol, type Event } from 'electron';
import { fileURLToPath } from 'node:url';
import { DendroError, toErrorData } from '../../shared/errors.ts';
import { openService, type OpenedService } from '../service/open-service.ts';
import { socketPath } from '../service/socket-path.ts';
import { historyPath } from '../service/state-path.ts';
import { Backend } from './backend.ts';
import { placeOfArguments } from './deep-link.ts';
import { Desktop, textFor } from './desktop.ts';
import { denyPermissions, lockDown } from './lock-down.ts';
import { SCHEME } from './page-address.ts';
import { answerPageRequest } from './page-files.ts';
import { answerPage, letFilesOut } from './page-questions.ts';

/** Built beside this file: out/main/app and out/renderer. */
const PAGE_FOLDER = fileURLToPath(new URL('../../renderer/', import.meta.url));
const LINK_SCHEME = 'dendro';
const NOWHERE = '/nonexistent/dendro.sock';

protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, codeCache: true } },
]);
app.enableSandbox();
lockDown();

if (app.requestSingleInstanceLock()) void app.whenReady().then(run).catch(cannotStart);
else app.quit();

async function run(): Promise<void> {
  protocol.handle(SCHEME, (request) => answerPageRequest(request.url, PAGE_FOLDER));
  denyPermissions();
  Menu.setApplicationMenu(null);
  const asked = askedFor();
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
  const text = await textFor('system');
  const backend = await Backend.open({
    open: openOwnService,
    onLost: () => desktop.serviceLost(),
    onBack: () => desktop.serviceBack(),
  });
  const desktop = new Desktop(backend, text);
  answerPage(() => desktop.unlock());
  letFilesOut();
  asked.by((place) => desktop.show(place));
  app.on('activate', () => desktop.show());
  app.on('window-all-closed', () => {
    if (!desktop.staysWithoutWindow) app.quit();
  });
  closeServiceFirst(backend, desktop);
}

/**
 * What this start and later ones ask for. Others may come while the service is being opened: the
 * last of them counts. `--hidden` is how it starts with the session, and asks for no window.
 */
function askedFor(): { by: (show: (place: string | undefined) => void) => void } {
  let show: ((place: string | undefined) => void) | undefined;
  let waiting: { readonly place: string | undefined } | undefined;
  const take = (argv: readonly string[]): void => {
    const place = placeOfArguments(argv);
    if (place === undefined && argv.includes('--hidden')) return;
    if (show === undefined) waiting = { place: place ?? waiting?.place };
    else show(place);
  };
  take(process.argv);
  app.on('second-instance', (_event, argv) => take(argv));
  return {
    by: (now) => {
      show = now;
      if (waiting !== undefined) now(waiting.place);
    },
  };
}

/** The daemon's, else our own; where another process carries plans out this one only edits them. */
function openOwnService(): Promise<OpenedService> {
  const open = (runPlans: boolean, socket = socketPath(process.env)) =>
    openService(
      {
        historyPath: historyPath(process.env, process.getuid?.() === 0),
        version: app.getVersion(),
        carrier: 'electron',
        runPlans,
      },
      socket,
    );
  return open(true).catch((error: unknown) => {
    if (!(error instanceof DendroError)) throw error;
    if (error.code === 'service-running') return open(false);
    // Not of the daemon's group: without the helper, which reaches it, only images can be read.
    if (error.code === 'service-denied') return open(false, NOWHERE);
    throw error;
  });
}

/** A run that is under way is cancelled and cleaned up before the process ends. */
function closeServiceFirst(backend: Backend, desktop: Desktop): void {
  let state: 'open' | 'closing' | 'closed' = 'open';
  app.on('before-quit', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    // Asked for once more, by somebody to whom it takes too long.
    if (state === 'closing') return;
    state = 'closing';
    void backend.close().finally(() => {
      state = 'closed';
      desktop.close();
      app.quit();
    });
  });
  // Electron holds the computer up meanwhile; its types leave the event out that it names.
  const onShutdown = (event: Event): void => {
    event.preventDefault();
    app.quit();
  };
  powerMonitor.on('shutdown', onShutdown as () => void);
}

async function cannotStart(error: unknown): Promise<void> {
  const text = await textFor('system');
  const data = toErrorData(error);
  dialog.showErrorBox(text.cannotStart, `${text.what(data)}\n${text.todo(data)}`);
  app.exit(1);
}
