import { connect } from 'node:net';
import { createLineClient, type Client } from '../../../shared/contract/client.ts';
import { events, type EventName } from '../../../shared/contract/events.ts';
import { denied, ioError, type DendroError } from '../../../shared/errors.ts';
import { readLines } from './read-lines.ts';

/** Answers may be long: all restore points of years. */
const MAX_ANSWER_CHARS = 512 * 1024 * 1024;

export interface SocketClient extends Client {
  /** Runs when the service has gone. */
  onClose(listener: () => void): void;
  close(): void;
}

/**
 * The service behind a Unix socket; undefined when nobody listens there.
 *
 * @throws Denied when the socket may not be used
 */
export async function connectSocket(path: string): Promise<SocketClient | undefined> {
  const socket = connect(path);
  const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    socket.once('connect', () => resolve(undefined));
    socket.once('error', resolve);
  });
  if (problem) {
    if (problem.code === 'EACCES' || problem.code === 'EPERM') throw notAllowed(path);
    return undefined;
  }
  const client = createLineClient({ send: (text) => socket.write(`${text}\n`) });
  readLines(socket, MAX_ANSWER_CHARS, (text) => client.receive(text));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => socket.destroy());
  void closed.then(() => client.close(gone()));
  return {
    call: (name, input) => client.call(name, input),
    on: (event, listener) => client.on(event, listener),
    onClose: (listener) => void closed.then(listener),
    close: () => socket.destroy(),
  };
}

export const EVENT_NAMES = Object.keys(events) as EventName[];

function gone(): DendroError {
  return ioError('service-gone', 'The Dendro service has ended.', {
    hint: 'Start it again with: systemctl start dendro',
  });
}

function notAllowed(path: string): DendroError {
  return denied('service-denied', 'The Dendro service of this computer may not be used by you.', {
    hint: 'Ask the administrator to add you to its group, then log in anew.',
    place: { path },
  });
}
