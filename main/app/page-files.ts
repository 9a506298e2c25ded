import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { CONTENT_SECURITY_POLICY, isPageAddress } from './page-address.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Answers requests of the app's scheme from the built page's folder, and from nowhere else. */
export async function answerPageRequest(address: string, folder: string): Promise<Response> {
  const file = fileOf(address, folder);
  if (file === undefined) return new Response(null, { status: 403 });
  try {
    const body = await readFile(file);
    return new Response(new Uint8Array(body), {
      headers: {
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'x-content-type-options': 'nosniff',
      },
    });
  } catch {
    return new Response(null, { status: 404 });
  }
}

function fileOf(address: string, folder: string): string | undefined {
  if (!isPageAddress(address)) return undefined;
  let path: string;
  try {
    path = decodeURIComponent(new URL(address).pathname);
  } catch {
    return undefined;
  }
  const top = normalize(folder + sep);
  const file = join(top, path === '/' ? 'index.html' : path);
  return file.startsWith(top) && !path.includes('\0') ? file : undefined;
}
