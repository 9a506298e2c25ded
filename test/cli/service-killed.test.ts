import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENTRY } from './dendro.ts';

let folder: string;
let server: Server;
const path = (): string => join(folder, 'dendro.sock');

/** A service that begins a plan, and is killed. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dendro-killed-'));
  const answers: Record<string, unknown> = {
    'plans.list': [{ planId: 'p-1', name: 'Home', targets: [], parts: [] }],
    'plans.run': { runId: 'run-1' },
    'service.info': { carrier: 'socket' },
  };
  server = createServer((socket) => {
    socket.setEncoding('utf8').on('error', () => undefined);
    socket.on('data', (text: string) => {
      for (const line of text.split('\n').filter((one) => one !== '')) {
        const { id, call } = JSON.parse(line) as { id: number; call: string };
        socket.write(`${JSON.stringify({ id, output: answers[call] })}\n`);
        if (call === 'service.info') setTimeout(() => socket.destroy(), 100);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(path(), resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

// It ended with 13 and a warning of Node about an unsettled await.
test('plan run says that the service ended', async () => {
  const env = { ...process.env, DENDRO_SOCKET: path() };
  const [status, stderr] = await new Promise<[unknown, string]>((resolve) => {
    execFile(process.execPath, [ENTRY, 'plan', 'run', 'Home'], { env }, (error, _out, told) =>
      resolve([error?.code, told]),
    );
  });
  expect(stderr).toMatch(
    /^ERROR: The service ended meanwhile.*\n.*dendro history.*\n.*service-gone/,
  );
  expect(status).toBe(6);
});
