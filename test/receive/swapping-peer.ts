/**
 * Somebody else who may write to the target: puts symbolic links to a folder of secrets in the
 * place of what a receive makes there, at every depth, and takes them away again, until killed:
 *   node test/receive/swapping-peer.ts TARGET VAULT
 */
import { readdirSync, renameSync, symlinkSync, unlinkSync, writeSync } from 'node:fs';

const [, , target, vault] = process.argv as unknown as [string, string, string, string];
const MOVED = '.moved';

writeSync(1, 'begun\n');
for (let round = 0; ; round += 1) {
  const folders = foldersIn(target, 3);
  for (const folder of folders) swap(folder);
  if (round % 8 === 7) for (const name of namesIn(target)) swap(`${target}/${name}`);
}

/** A link in the place of a folder or file for as long as a few system calls take. */
function swap(path: string): void {
  if (path.endsWith(MOVED)) return;
  quietly(() => renameSync(path, path + MOVED));
  quietly(() => symlinkSync(vault, path));
  for (let i = 0; i < 20; i += 1) namesIn(target);
  quietly(() => unlinkSync(path));
  quietly(() => renameSync(path + MOVED, path));
}

function foldersIn(folder: string, depth: number): string[] {
  if (depth === 0) return [];
  const below = namesIn(folder).map((name) => `${folder}/${name}`);
  return below.flatMap((path) => [path, ...foldersIn(path, depth - 1)]);
}

function namesIn(folder: string): string[] {
  try {
    const all = readdirSync(folder, { withFileTypes: true });
    return all.filter((entry) => !entry.isSymbolicLink()).map(({ name }) => name);
  } catch {
    return [];
  }
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // It is gone, or somebody was faster: that is what this is for.
  }
}
