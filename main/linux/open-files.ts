import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A program that has a file open, or that runs from it (proc(5)). */
export interface Holder {
  readonly processId: number;
  /** The program's name, at most 15 bytes of it. */
  readonly program: string;
  /** What it has open; bytes as latin1. */
  readonly path: string;
}

/**
 * Programs that have something open at one of the absolute paths or below it, one entry a
 * program. Of other users' programs only root learns; one that ends meanwhile is left out.
 */
export function holdersOf(paths: readonly Uint8Array[], limit = 20): Holder[] {
  const wanted = paths.map((path) => Buffer.from(path).toString('latin1'));
  const isWanted = (open: string): boolean =>
    wanted.some((path) => open === path || open.startsWith(`${path}/`));
  const found: Holder[] = [];
  for (const name of readdirSync('/proc')) {
    const processId = Number(name);
    if (!Number.isInteger(processId) || processId === process.pid) continue;
    const path = openPaths(name).find(isWanted);
    if (path !== undefined) found.push({ processId, program: programOf(name), path });
    if (found.length >= limit) break;
  }
  return found;
}

function openPaths(process: string): string[] {
  const links = [
    'cwd',
    'exe',
    ...tried(() => readdirSync(`/proc/${process}/fd`).map((fd) => `fd/${fd}`)),
  ];
  return links.flatMap((link) =>
    tried(() => [readlinkSync(`/proc/${process}/${link}`, 'buffer').toString('latin1')]),
  );
}

function programOf(process: string): string {
  return tried(() => [readFileSync(`/proc/${process}/comm`, 'utf8').trim()])[0] ?? '';
}

/** A process that has gone, or that is not ours to look into, has nothing to say. */
function tried(read: () => string[]): string[] {
  try {
    return read();
  } catch {
    return [];
  }
}
