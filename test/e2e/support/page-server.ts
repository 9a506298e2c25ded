import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const BUILT = join(import.meta.dirname, '../../../out/renderer');

/** The one that belongs to the tests' axe. */
const AXE = createRequire(import.meta.resolve('@axe-core/playwright')).resolve(
  'axe-core/axe.min.js',
);

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const IMMUTABLE = 'max-age=31536000, immutable';

export interface PageServer {
  readonly address: string;
  close(): Promise<void>;
}

/** Serves the built page alone; the tests that use it stand in for the service behind it. */
export async function servePage(): Promise<PageServer> {
  const server: Server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://page').pathname);
    const file = path === '/axe.js' ? AXE : join(BUILT, path === '/' ? 'index.html' : path);
    readFile(file).then(
      (body) => {
        response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
        // Their names change with what is in them: compiled once for all tests of a browser.
        if (/^\/(assets\/|axe)/.test(path)) response.setHeader('cache-control', IMMUTABLE);
        response.end(body);
      },
      () => {
        response.statusCode = 404;
        response.end();
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/?token=test`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
