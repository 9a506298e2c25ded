import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the fuses lie in Electron's program: behind this text, a byte for each (@electron/fuses). */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FILES = ['LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox', 'chrome_crashpad_handler'];

/** A folder that electron-builder takes for Electron's: its names, its fuses, and no program. */
export function layStandInElectron(folder: string, version: string): void {
  mkdirSync(join(folder, 'locales'), { recursive: true });
  mkdirSync(join(folder, 'resources'));
  const wire = Buffer.from([1, 9, ...Buffer.from('101100111')]);
  const program = Buffer.concat([Buffer.from('stand-in'), Buffer.from(SENTINEL), wire]);
  writeFileSync(join(folder, 'electron'), program, { mode: 0o755 });
  for (const name of FILES) writeFileSync(join(folder, name), name);
  writeFileSync(join(folder, 'version'), version);
}
