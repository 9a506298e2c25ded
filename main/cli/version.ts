import { readFileSync } from 'node:fs';

/** The version in package.json, which lies at the top of the installation. */
export function readVersion(): string {
  for (const up of ['../../', '../../../']) {
    try {
      const text = readFileSync(new URL(`${up}package.json`, import.meta.url), 'utf8');
      const { name, version } = JSON.parse(text) as { name: string; version: string };
      if (name === 'dendro') return version;
    } catch {
      // Transpiled, it lies one folder deeper.
    }
  }
  return 'unknown';
}
