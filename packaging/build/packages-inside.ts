import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Arch } from './architecture.ts';

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** Subresource integrity. */
  readonly integrity: string;
  /** SPDX, or '' where the package names none. */
  readonly license: string;
}

interface Entry {
  /** Of one that stands in for another: what it really is. */
  readonly name?: string;
  readonly version: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
type Entries = Readonly<Record<string, Entry>>;

/** Every package that Dendro itself needs, by the lock file, on a glibc Linux of one architecture. */
export function packagesInside(top: string, arch: Arch): LockedPackage[] {
  const { packages } = JSON.parse(readFileSync(join(top, 'package-lock.json'), 'utf8')) as {
    packages: Entries;
  };
  const found = new Set<string>();
  const waiting = neededBy(packages, '');
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path) || !isFor(packages[path]!, arch)) continue;
    found.add(path);
    waiting.push(...neededBy(packages, path));
  }
  const names = [...found].map((path) => ({
    name: packages[path]!.name ?? path.split('node_modules/').at(-1)!,
    version: packages[path]!.version,
    integrity: packages[path]!.integrity ?? '',
    license: packages[path]!.license ?? '',
  }));
  const unique = new Map(names.map((entry) => [`${entry.name}@${entry.version}`, entry]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

/** Keys of the lock file: Node looks beside the package that asks, and upwards from there. */
function neededBy(packages: Entries, path: string): string[] {
  const { dependencies = {}, optionalDependencies = {} } = packages[path]!;
  return Object.keys({ ...dependencies, ...optionalDependencies }).flatMap((name) => {
    for (let at = path; ; at = at.slice(0, Math.max(at.lastIndexOf('/node_modules/'), 0))) {
      const candidate = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
      if (packages[candidate] !== undefined) return [candidate];
      if (at === '') return [];
    }
  });
}

function isFor({ os, cpu, libc }: Entry, arch: Arch): boolean {
  const allows = (list: readonly string[] | undefined, what: string) =>
    list === undefined || list.includes(what);
  return allows(os, 'linux') && allows(cpu, arch) && allows(libc, 'glibc');
}
