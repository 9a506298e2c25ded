import { chmodSync, chownSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { denied, toErrorData } from '../../../shared/errors.ts';
import { MAX_REQUEST_BYTES } from '../../../shared/contract/messages.ts';
import { peerOf, type Peer } from '../../linux/peer-credentials.ts';
import { makeRunFolder, RUN_FOLDER } from '../../linux/run-folder.ts';
import type { Service } from '../service.ts';
import { withoutPrograms } from '../without-programs.ts';
import { attachLine } from './line.ts';
import { readLines } from './read-lines.ts';
import { makeFolders } from '../../linux/make-folders.ts';

/** A client that does not read is let go before it fills the memory. */
const MAX_BACKLOG_BYTES = 64 * 1024 * 1024;

export interface SocketOptions {
  readonly path: string;
  /** Whose members may use it besides root and the service's own user. */
  readonly groupId?: number | undefined;
  /** Told who was refused. */
  readonly refused?: (peer: Peer) => void;
}

export interface SocketServed {
  close(): Promise<void>;
}

/**
 * Serves the contract on a Unix socket, one JSON message a line. The socket file lets in its
 * owner and one group; who is on the other end is asked of the kernel as well, for a file's
 * mode can be changed and a socket be handed on. What is no request ends the connection.
 *
 * The caller holds the lock of the service: a socket file that is there is a leftover.
 */
export async function serveUnixSocket(
  service: Service,
  { path, groupId, refused }: SocketOptions,
): Promise<SocketServed> {
  if (dirname(path) === RUN_FOLDER) makeRunFolder();
  else makeFolders(dirname(path), 0o755);
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const restricted = withoutPrograms(service);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const peer = peerOf(descriptorOf(socket));
    if (!isAllowed(peer, groupId)) {
      refused?.(peer);
      const error = toErrorData(notAllowed());
      // Read to its end, or the end is never seen.
      socket.resume().end(`${JSON.stringify({ id: 0, error })}\n`);
      return;
    }
    serveSocket(peer.uid === 0 || peer.uid === process.getuid!() ? service : restricted, socket);
  });
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(mask);
  }
  if (groupId !== undefined) {
    chownSync(path, process.getuid!(), groupId);
    chmodSync(path, 0o660);
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function serveSocket(service: Service, socket: Socket): void {
  const line = attachLine(
    service,
    {
      send: (text) => {
        socket.write(`${text}\n`);
        if (socket.writableLength > MAX_BACKLOG_BYTES) socket.destroy();
      },
    },
    { onMalformed: () => socket.destroy() },
  );
  readLines(socket, MAX_REQUEST_BYTES, (text) => line.receive(text));
  socket.once('close', () => line.close());
}

function isAllowed({ uid, gid, groups }: Peer, groupId: number | undefined): boolean {
  if (uid === 0 || uid === process.getuid!()) return true;
  return groupId !== undefined && (gid === groupId || groups.includes(groupId));
}

/** Node does not document it, but has had it since its first versions. */
function descriptorOf(socket: Socket): number {
  return (socket as unknown as { _handle: { fd: number } })._handle.fd;
}

function notAllowed(): Error {
  return denied('not-in-group', 'The Dendro service does not know you.', {
    hint: 'Ask the administrator to add you to the group of the service, then log in anew.',
  });
}
