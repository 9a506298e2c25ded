import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Electron's program, or why there is none. The npm package `electron` only knows where its
 * own download would be (path.txt, dist/); asking its index.js would start that download.
 */
export type ElectronBinary =
  { readonly path: string } | { readonly path: null; readonly reason: string };

export function findElectron(top: string, environment: NodeJS.ProcessEnv): ElectronBinary {
  const own = environment['ELECTRON_OVERRIDE_DIST_PATH'];
  const folder = join(top, 'node_modules', 'electron');
  const program = programName(folder);
  const path = join(own ?? join(folder, 'dist'), program);
  if (existsSync(path)) return { path };
  return {
    path: null,
    reason: 'Electron’s program is not here (its download was skipped or failed)',
  };
}

function programName(folder: string): string {
  const named = join(folder, 'path.txt');
  return existsSync(named) ? readFileSync(named, 'utf8').trim() : 'electron';
}
