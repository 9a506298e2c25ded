import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where Electron's program is fetched from unless ELECTRON_MIRROR says otherwise (@electron/get). */
const RELEASES = 'https://github.com/electron/electron/releases/download/';
const ANSWER_WITHIN_MS = 5_000;

/** Electron's program, or why there is none. */
export type ElectronBinary =
  { readonly path: string } | { readonly path: null; readonly reason: string };

/**
 * Looks where the npm package `electron` keeps its download (path.txt, dist/). Asking the
 * package itself would start the download.
 */
export function findElectron(top: string, environment: NodeJS.ProcessEnv): ElectronBinary {
  const own = environment['ELECTRON_OVERRIDE_DIST_PATH'];
  const folder = join(top, 'node_modules', 'electron');
  const program = programName(folder);
  const path = join(own ?? join(folder, 'dist'), program);
  if (existsSync(path)) return { path };
  return {
    path: null,
    reason: 'Electron’s program is not here (npm start fetches it)',
  };
}

/**
 * Fetches the program with the package's own installer, which checks it against the checksums
 * in the package. A network that does not answer is given up after a few seconds.
 */
export async function fetchElectron(
  top: string,
  environment: NodeJS.ProcessEnv,
): Promise<ElectronBinary> {
  if (environment['ELECTRON_SKIP_BINARY_DOWNLOAD']) {
    return { path: null, reason: 'Electron’s program is not here (its download is switched off)' };
  }
  const source = environment['ELECTRON_MIRROR'] ?? RELEASES;
  const isReached = await fetch(source, {
    method: 'HEAD',
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  }).then(
    () => true,
    () => false,
  );
  const nowhere = `Electron’s program is not here and cannot be fetched from ${source}`;
  if (!isReached) return { path: null, reason: nowhere };
  console.log('Fetching Electron, some 100 MB, for the first start …');
  const installer = join(top, 'node_modules', 'electron', 'install.js');
  // Its own words are a stack; ours are one line.
  const { status } = spawnSync(process.execPath, [installer], {
    stdio: 'ignore',
    env: environment,
  });
  return status === 0 ? findElectron(top, environment) : { path: null, reason: nowhere };
}

function programName(folder: string): string {
  const named = join(folder, 'path.txt');
  return existsSync(named) ? readFileSync(named, 'utf8').trim() : 'electron';
}
