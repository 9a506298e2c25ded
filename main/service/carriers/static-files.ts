import { createReadStream, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';

const MEDIA_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.ico': 'image/x-icon',
};

/** Nothing but the page's own files runs or loads; nobody may frame it (CSP level 3). */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

const NEVER_KEPT = { 'Cache-Control': 'no-store' };
/** For one year; private, as what is in between has no business with this service's answers. */
const KEPT = { 'Cache-Control': 'private, max-age=31536000, immutable' };

/** As the build names what it makes: the end of the name, of 8 characters, says what is in it. */
const HASHED_PATH = /^\/assets\/[^/]+-[\w-]{8}\.\w+$/;

/** Serves the built page from `folder`: files of the known kinds, `/` as index.html. */
export function serveFile(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405);
  const path = requestedPath(request.url ?? '/');
  if (path === undefined) return refuse(response, 404);
  const file = existing(folder, path);
  if (!file) return refuse(response, 404);
  response.writeHead(200, {
    ...HEADERS,
    ...(HASHED_PATH.test(path) ? KEPT : NEVER_KEPT),
    'Content-Type': MEDIA_TYPES[extname(file.path)],
    'Content-Length': file.sizeBytes,
  });
  if (request.method === 'HEAD') response.end();
  else createReadStream(file.path).pipe(response);
}

export function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, {
    ...HEADERS,
    ...NEVER_KEPT,
    'Content-Type': 'text/plain; charset=utf-8',
  });
  response.end(`${status}\n`);
}

/** The path below the folder, or undefined when it leads anywhere else. */
function requestedPath(url: string): string | undefined {
  try {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    if (path.includes('\0')) return undefined;
    return path === '/' ? '/index.html' : normalize(path);
  } catch {
    return undefined;
  }
}

function existing(folder: string, path: string): { path: string; sizeBytes: number } | undefined {
  if (!(extname(path) in MEDIA_TYPES)) return undefined;
  // `normalize` of an absolute path leaves no way up.
  const full = join(folder, path);
  const status = statSync(full, { throwIfNoEntry: false });
  return status?.isFile() ? { path: full, sizeBytes: status.size } : undefined;
}
