import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { serveWebSocket, type Served } from '../../main/service/carriers/websocket.ts';
import { EventHub } from '../../main/service/event-hub.ts';
import type { Service } from '../../main/service/service.ts';
import { createLineClient, type LineClient } from '../../shared/contract/client.ts';
import { MAX_REQUEST_BYTES } from '../../shared/contract/messages.ts';
import { conflict } from '../../shared/errors.ts';

let folder: string;
let served: Served;
let hub: EventHub;
let called: string[];
const sockets: WebSocket[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dendro-page-'));
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'page', 'index.html'), '<!doctype html><title>Dendro</title>');
  writeFileSync(join(folder, 'page', 'assets', 'app.js'), 'void 0;');
  writeFileSync(join(folder, 'secret.json'), '"secret"');
  hub = new EventHub();
  called = [];
  const service: Service = {
    call: async (name) => {
      called.push(name);
      if (name === 'runs.get') throw conflict('run-unknown', 'There is no such run.');
      return { name };
    },
    subscribe: (subscriber) => hub.subscribe(subscriber),
    close: async () => {},
  };
  served = await serveWebSocket(service, { port: 0, pageFolder: join(folder, 'page') });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await served.close();
  rmSync(folder, { recursive: true });
});

interface Attempt {
  token?: string;
  origin?: string | undefined;
  host?: string;
  path?: string;
}

/** Resolves with the open socket, or with the status it was refused with. */
function connect(attempt: Attempt = {}): Promise<WebSocket | number> {
  const own = `http://127.0.0.1:${served.port}`;
  const { token = served.token, host, path = '/socket' } = attempt;
  const origin = 'origin' in attempt ? attempt.origin : own;
  const url = `ws://127.0.0.1:${served.port}${path}?token=${token}`;
  const headers = { ...(origin === undefined ? {} : { origin }), ...(host ? { host } : {}) };
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { headers });
    sockets.push(socket);
    socket.on('open', () => resolve(socket));
    socket.on('error', () => {});
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
  });
}

async function client(): Promise<LineClient> {
  const socket = (await connect()) as WebSocket;
  const line = createLineClient({ send: (text) => socket.send(text) });
  socket.on('message', (data) => line.receive(String(data)));
  socket.on('close', () => line.close());
  return line;
}

function get(path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      const options = { host: '127.0.0.1', port: served.port, path, headers };
      const request = httpRequest(options, (response) => {
        let body = '';
        response.on('data', (part) => (body += part));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body }),
        );
      });
      request.on('error', reject);
      request.end();
    },
  );
}

describe('the socket', () => {
  it('answers calls, passes errors on with code and kind, and hands events out', async () => {
    const line = await client();
    expect(await line.call('settings.get', {})).toEqual({ name: 'settings.get' });
    await expect(line.call('runs.get', { runId: 'x' })).rejects.toMatchObject({
      kind: 'Conflict',
      code: 'run-unknown',
    });
    const changed = new Promise((resolve) => line.on('volumes.changed', resolve));
    hub.emit('volumes.changed', {});
    expect(await changed).toEqual({});
  });

  it('answers many calls at once, each its own', async () => {
    const line = await client();
    const names = ['settings.get', 'volumes.list', 'plans.list'] as const;
    const answers = await Promise.all(names.map((name) => line.call(name, {})));
    expect(answers).toEqual(names.map((name) => ({ name })));
  });

  it.each<[string, Attempt]>([
    ['a wrong token', { token: 'x'.repeat(43) }],
    ['no token', { token: '' }],
    ['a token that is too long', { token: 'x'.repeat(10_000) }],
    ['another page of the web', { origin: 'https://example.com' }],
    ['the opaque origin of a sandboxed frame', { origin: 'null' }],
    ['another port of this computer', { origin: 'http://127.0.0.1:1' }],
    ['no origin at all', { origin: undefined }],
    ['a rebound host name', { host: 'evil.example:80' }],
    ['another path', { path: '/' }],
  ])('refuses %s', async (_, attempt) => {
    expect(await connect(attempt)).toBe(403);
    expect(called).toEqual([]);
  });

  it.each<[string, string]>([
    ['what is no JSON', '{'],
    ['what is no object', '42'],
    ['a call that is not in the contract', '{"id":1,"call":"shell.run","input":{}}'],
    ['a name from the prototype', '{"id":1,"call":"constructor","input":{}}'],
    ['an id that is no number', '{"id":"1","call":"settings.get","input":{}}'],
    ['an unknown field', '{"id":1,"call":"settings.get","input":{},"as":"root"}'],
  ])('hangs up on %s', async (_, text) => {
    const socket = (await connect()) as WebSocket;
    const code = new Promise((resolve) => socket.on('close', resolve));
    socket.send(text);
    expect(await code).toBe(1008);
    expect(called).toEqual([]);
  });

  it('hangs up on binary and on what is too long, and lives on', async () => {
    const binary = (await connect()) as WebSocket;
    const binaryCode = new Promise((resolve) => binary.on('close', resolve));
    binary.send(Buffer.from('{"id":1,"call":"settings.get","input":{}}'));
    expect(await binaryCode).toBe(1008);
    const long = (await connect()) as WebSocket;
    const longCode = new Promise((resolve) => long.on('close', resolve));
    long.send(' '.repeat(MAX_REQUEST_BYTES + 1));
    expect(await longCode).toBe(1009);
    expect(called).toEqual([]);
    expect(await (await client()).call('settings.get', {})).toEqual({ name: 'settings.get' });
  });
});

describe('the page', () => {
  it('is served with a policy that lets nothing else in', async () => {
    const page = await get('/?token=whatever');
    expect(page.status).toBe(200);
    expect(page.body).toContain('Dendro');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    expect((await get('/assets/app.js')).headers['content-type']).toMatch('text/javascript');
  });

  it.each([
    ['/', 200, 'no-store'],
    ['/index.html', 200, 'no-store'],
    ['/assets/app.js', 200, 'no-store'],
    ['/assets/app-B836DUeq.js', 200, 'private, max-age=31536000, immutable'],
    ['/assets/gone-B836DUeq.js', 404, 'no-store'],
    ['/app-B836DUeq.js', 404, 'no-store'],
  ])(
    'is kept by the browser only where the name says what is in it: %s',
    async (path, status, kept) => {
      const name = join(folder, 'page', 'assets', 'app-B836DUeq.js');
      writeFileSync(name, 'void 0;');
      const answer = await get(path);
      expect([answer.status, answer.headers['cache-control']]).toEqual([status, kept]);
    },
  );

  it.each(['/../secret.json', '/%2e%2e/secret.json', '/assets/..%2f..%2fsecret.json', '/x.js%00'])(
    'gives no file outside of its folder: %s',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );

  it('is given to this computer by its own name only', async () => {
    expect((await get('/', { host: 'evil.example' })).status).toBe(403);
    expect((await get('/', { host: `localhost:${served.port}` })).status).toBe(200);
  });
});
