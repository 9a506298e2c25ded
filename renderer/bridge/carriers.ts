import type { Carrier } from './connection.ts';

/** What the app's preload offers: text messages of the contract, and what the desktop does. */
export interface DendroBridge {
  send(text: string): void;
  onMessage(listener: (text: string) => void): void;
  /** Asks in the desktop's own dialog; null when nothing was chosen. */
  choose(what: 'file' | 'folder'): Promise<string | null>;
  /** Hands over what is being dragged out of the window; to be called while the drag begins. */
  drag(file: { name: string; bytes: Uint8Array; modifiedAtMs: number | null }): void;
  /** Asks polkit for the helper that may read drives; 'no-helper' where it is not installed. */
  unlock(): Promise<'unlocked' | 'refused' | 'no-helper'>;
}

declare global {
  interface Window {
    readonly dendro?: DendroBridge;
  }
}

/** Inside the app the bridge is there; in a browser it is a socket to `dendro serve`. */
export function carrierFor(page: Window): Carrier {
  return page.dendro ? bridgeCarrier(page.dendro) : socketCarrier(page);
}

function bridgeCarrier(bridge: DendroBridge): Carrier {
  return {
    open({ opened, received }) {
      bridge.onMessage(received);
      queueMicrotask(opened);
      return { send: (text) => bridge.send(text), close: () => undefined };
    },
  };
}

const TOKEN = 'dendro-token';

function socketCarrier(page: Window): Carrier {
  const token = takeToken(page);
  const { protocol, host } = page.location;
  const address = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/socket?token=${encodeURIComponent(token)}`;
  return {
    open({ opened, received, closed }) {
      const socket = new WebSocket(address);
      socket.addEventListener('open', opened);
      socket.addEventListener('message', (event) => received(String(event.data)));
      socket.addEventListener('close', closed, { once: true });
      return { send: (text) => socket.send(text), close: () => socket.close() };
    },
  };
}

/** Takes the token out of the address, where a screenshot or a bookmark would give it away. */
function takeToken(page: Window): string {
  const url = new URL(page.location.href);
  const given = url.searchParams.get('token');
  if (given === null) return page.sessionStorage.getItem(TOKEN) ?? '';
  page.sessionStorage.setItem(TOKEN, given);
  url.searchParams.delete('token');
  page.history.replaceState(null, '', url);
  return given;
}
