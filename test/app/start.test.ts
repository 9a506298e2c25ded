import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fetchElectron, findElectron } from '../../main/app/electron-binary.ts';
import { isBuilt } from '../../main/app/is-built.ts';

let top: string;
beforeEach(() => (top = mkdtempSync(join(tmpdir(), 'dendro-start-'))));
afterEach(() => rmSync(top, { recursive: true }));

describe('the program of Electron', () => {
  test('is where its package keeps it, or not here', () => {
    expect(findElectron(top, {})).toMatchObject({ path: null });
    const folder = join(top, 'node_modules/electron');
    mkdirSync(join(folder, 'dist'), { recursive: true });
    writeFileSync(join(folder, 'dist/electron'), '');
    expect(findElectron(top, {})).toEqual({ path: join(folder, 'dist/electron') });
  });

  test('is not fetched where that is switched off or nobody answers', async () => {
    const off = await fetchElectron(top, { ELECTRON_SKIP_BINARY_DOWNLOAD: '1' });
    expect(off).toMatchObject({ path: null, reason: expect.stringContaining('switched off') });
    const nobody = await fetchElectron(top, { ELECTRON_MIRROR: 'http://127.0.0.1:9/' });
    expect(nobody).toMatchObject({ path: null, reason: expect.stringContaining('127.0.0.1:9') });
  });

  test('is given up when what is fetched is not Electron', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end('not Electron');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    try {
      const found = await fetchElectron(top, { ...process.env, ELECTRON_MIRROR: mirror });
      expect(found).toMatchObject({ path: null, reason: expect.stringContaining(mirror) });
      expect(asked).toEqual(['HEAD /']);
    } finally {
      server.close();
    }
  });
});

test('what was built counts until a source is newer or gone', () => {
  for (const folder of ['main/app', 'shared', 'renderer', 'packaging/build', 'out/main/app']) {
    mkdirSync(join(top, folder), { recursive: true });
  }
  const file = join(top, 'main/app/app.ts');
  for (const path of [file, join(top, 'shared/a.ts'), join(top, 'package-lock.json')]) {
    writeFileSync(path, '');
  }
  expect(isBuilt(top)).toBe(false);
  writeFileSync(join(top, 'out/main/app/preload.cjs'), '');
  const built = Date.now() / 1_000 + 60;
  utimesSync(join(top, 'out/main/app/preload.cjs'), built, built);
  expect(isBuilt(top)).toBe(true);
  utimesSync(file, built + 1, built + 1);
  expect(isBuilt(top)).toBe(false);
  utimesSync(file, built - 1, built - 1);
  rmSync(join(top, 'shared/a.ts'));
  utimesSync(join(top, 'shared'), built + 1, built + 1);
  expect(isBuilt(top)).toBe(false);
});
