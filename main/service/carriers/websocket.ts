import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { ioError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { MAX_REQUEST_BYTES } from '../../../shared/contract/messages.ts';
import type { Service } from '../service.ts';
import { attachLine } from './line.ts';
import { refuse, serveFile } from './static-files.ts';

const LOOPBACK = '127.0.0.1';
const TOKEN_BYTES = 32;
/** A client that does not read is let go before it fills the memory. */
const MAX_BACKLOG_BYTES = 64 * 1024 * 1024;
/** WebSocket close codes (RFC 6455, 7.4.1). */
const CLOSE_POLICY = 1008;
const CLOSE_TOO_SLOW = 1013;

export interface ServeOptions {
  /** 0: any free port. */
  readonly port: number;
  /** Folder of the built page. */
  readonly pageFolder: string;
}

export interface Served {
  /** The page with its token: the only thing that opens it. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

/**
 * Serves the page and the contract on the loopback interface. Other users and other web pages
 * of this computer can reach the port too; so a connection must know the random token, and must
 * come from our own page: `Host` names this very address (against DNS rebinding), `Origin` the
 * page's. What is not a request of the contract ends the connection.
 */
export async function serveWebSocket(service: Service, options: ServeOptions): Promise<Served> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  let port = options.port;
  const isOurs = (request: IncomingMessage): boolean => hosts(port).includes(request.headers.host!);
  const server = createServer((request, response) => {
    if (!isOurs(request)) return refuse(response, 403);
    serveFile(options.pageFolder, request, response);
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_REQUEST_BYTES });
  server.on('upgrade', (request, socket, head) => {
    const allowed = isOurs(request) && isFromPage(request, port) && knowsToken(request, token);
    if (!allowed) return hangUp(socket);
    sockets.handleUpgrade(request, socket, head, (client) => attach(service, client));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(cannotListen(options.port, cause)));
    server.listen(options.port, LOOPBACK, resolve);
  });
  port = (server.address() as AddressInfo).port;
  return {
    url: `http://${LOOPBACK}:${port}/?token=${token}`,
    port,
    token,
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function attach(service: Service, client: WebSocket): void {
  const send = (text: string): void => {
    if (client.bufferedAmount > MAX_BACKLOG_BYTES) client.close(CLOSE_TOO_SLOW);
    else client.send(text);
  };
  const onMalformed = (): void => client.close(CLOSE_POLICY, 'not a request');
  const line = attachLine(service, { send }, { onMalformed });
  client.on('message', (data, isBinary) => {
    if (isBinary) onMalformed();
    else line.receive((data as Buffer).toString());
  });
  client.on('close', () => line.close());
  // Too long or badly framed: ws closes the connection itself.
  client.on('error', () => line.close());
}

function hosts(port: number): (string | undefined)[] {
  return [`${LOOPBACK}:${port}`, `localhost:${port}`];
}

function isFromPage({ headers }: IncomingMessage, port: number): boolean {
  return hosts(port).some((host) => headers.origin === `http://${host}`);
}

/** Compared in constant time, so that its bytes cannot be guessed one by one. */
function knowsToken(request: IncomingMessage, token: string): boolean {
  const url = URL.parse(request.url ?? '', `http://${LOOPBACK}`);
  if (url?.pathname !== '/socket') return false;
  const given = Buffer.from(url.searchParams.get('token') ?? '');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function hangUp(socket: Duplex): void {
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

function cannotListen(port: number, cause: Error): Error {
  return ioError(
    'port-taken',
    say`The page cannot be served on port ${{ port }}: ${{ reason: cause.message }}.`,
    {
      hint: 'Choose another one with --port, or leave it out for any free port.',
      cause,
    },
  );
}
