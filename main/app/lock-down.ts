import { app, session, type WebContents } from 'electron';
import { isPageAddress } from './page-address.ts';

/** Takes away what the page never needs: permissions, navigation, windows, embedded pages. */
export function lockDown(): void {
  app.on('web-contents-created', (_event, contents) => restrict(contents));
}

/** To be called once the app is ready. */
export function denyPermissions(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, permission, answer) =>
    answer(permission === 'clipboard-sanitized-write'),
  );
  defaultSession.setPermissionCheckHandler(
    (_contents, permission) => permission === 'clipboard-sanitized-write',
  );
  defaultSession.setDevicePermissionHandler(() => false);
  // Nothing is fetched from anywhere, not even a spelling dictionary.
  defaultSession.webRequest.onBeforeRequest((details, answer) =>
    answer({ cancel: !isAllowedRequest(details.url) }),
  );
}

function isAllowedRequest(address: string): boolean {
  return isPageAddress(address) || /^(data|blob|devtools):/.test(address);
}

function restrict(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('will-navigate', (details) => {
    if (!isPageAddress(details.url)) details.preventDefault();
  });
  contents.on('will-redirect', (details) => details.preventDefault());
}
