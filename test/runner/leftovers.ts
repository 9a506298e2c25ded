import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run, runText } from '../harness/run.ts';

/**
 * Mounts and loop devices that tests left behind below a folder: named, then taken away, then
 * the folder with them. An empty list is how it should be.
 */
export function sweep(folder: string): string[] {
  const mounts = mountsBelow(folder);
  for (const mount of mounts.toReversed()) run('umount', ['-l', mount], { accept: [0, 1, 32] });
  const loops = loopsBelow(folder);
  for (const loop of loops) run('losetup', ['-d', loop], { accept: [0, 1] });
  rmSync(folder, { recursive: true, force: true });
  return [...mounts, ...loops];
}

/** The same for what a run that was killed left in the system's temporary folder. */
export function sweepOfTheDead(temporary: string): void {
  for (const name of readdirSync(temporary)) {
    const pid = /^dendro-(?:test-)?(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) sweep(join(temporary, name));
  }
}

function mountsBelow(folder: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
}

function loopsBelow(folder: string): string[] {
  if (process.getuid?.() !== 0 || !existsSync('/dev/loop-control')) return [];
  const listed = runText('losetup', ['-l', '-n', '-O', 'NAME,BACK-FILE'], { accept: [0, 1] });
  return listed
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, file]) => file?.startsWith(`${folder}/`))
    .map(([name]) => name!);
}
