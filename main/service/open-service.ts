import { inProcessClient, createService, type Service } from './service.ts';
import type { ServiceOptions } from './context.ts';
import { connectSocket, EVENT_NAMES, type SocketClient } from './carriers/socket-client.ts';
import type { Client } from '../../shared/contract/client.ts';

export interface OpenedService {
  readonly service: Service;
  /** It is the daemon of this computer, which goes on without us. */
  readonly isDaemon: boolean;
  /** Runs when the daemon has ended; never for one inside this process. */
  onGone(listener: () => void): void;
}

/** The daemon when there is one, else a service inside this process: callers cannot tell. */
export async function openService(
  options: ServiceOptions,
  socketPath: string,
): Promise<OpenedService> {
  const client = await connectSocket(socketPath);
  if (client) {
    return { service: remoteService(client), isDaemon: true, onGone: client.onClose };
  }
  return { service: createService(options), isDaemon: false, onGone: () => undefined };
}

export function clientOf({ service }: Pick<OpenedService, 'service'>): Client {
  return inProcessClient(service);
}

/** One at the other end of a line. */
export function remoteService(client: SocketClient): Service {
  return {
    call: (name, input) => client.call(name, input as never),
    subscribe: (subscriber) => {
      const offs = EVENT_NAMES.map((event) =>
        client.on(event, (data) => subscriber(event, data as never)),
      );
      return () => offs.forEach((off) => off());
    },
    close: async () => client.close(),
  };
}
