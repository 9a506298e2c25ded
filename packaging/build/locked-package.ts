import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Arch } from './architecture.ts';

interface Locked {
  readonly version: string;
  /** Subresource integrity, sha512, as npm's lock file has it. */
  readonly integrity: string;
}

/** Node's own program, which the package `node` fetches when it is installed: not in the lock file. */
const NODE: Record<Arch, Locked> = {
  x64: {
    version: '24.21.0',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  arm64: {
    version: '24.21.0',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
};

export function nodeVersion(arch: Arch): string {
  return NODE[arch].version;
}

/** The folder of the npm package that holds Node's program for an architecture. */
export function nodeFolder(top: string, arch: Arch): string {
  return unpacked(top, `node-linux-${arch}`, NODE[arch]);
}

/**
 * The folder of a package of the lock file: where npm put it, else, for another architecture,
 * fetched by npm and kept in node_modules/.cache.
 */
export function packageFolder(top: string, name: string): string {
  const installed = join(top, 'node_modules', name);
  return existsSync(installed) ? installed : unpacked(top, name, locked(top, name));
}

/** @throws when what the registry gives is not what is locked */
function unpacked(top: string, name: string, { version, integrity }: Locked): string {
  const kept = join(top, 'node_modules/.cache/dendro-packages', `${name}@${version}`);
  if (existsSync(kept)) return kept;
  mkdirSync(dirname(kept), { recursive: true });
  const work = mkdtempSync(`${kept}.`);
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', `${name}@${version}`, '--json', '--pack-destination', work], {
      cwd: work,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  ) as [{ filename: string }];
  const file = join(work, packed.filename);
  const hash = createHash('sha512').update(readFileSync(file)).digest('base64');
  if (`sha512-${hash}` !== integrity) throw new Error(`${name}@${version} is not what is locked`);
  execFileSync('tar', ['-xzf', file, '-C', work]);
  renameSync(join(work, 'package'), kept);
  return kept;
}

function locked(top: string, name: string): Locked {
  const lock = JSON.parse(readFileSync(join(top, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const found = lock.packages[`node_modules/${name}`];
  if (found === undefined) throw new Error(`${name} is not in package-lock.json`);
  return found;
}
