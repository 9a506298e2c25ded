import { readFileSync, type Stats, statSync } from 'node:fs';

/**
 * What a path stands for now: another drive, medium or file that comes under the same name has
 * another one. As long as it is open, that is: the numbers of files and devices are given out
 * again, the sequence number of a disk (Linux 5.15, sysfs-block) is not. Undefined: nothing is
 * there.
 */
export function identityOfDevice(path: string): string | undefined {
  let stat: Stats;
  try {
    stat = statSync(path);
  } catch {
    return undefined;
  }
  if (!stat.isBlockDevice()) return `file ${stat.dev}:${stat.ino}`;
  const { major, minor } = numbersOf(stat.rdev);
  const folder = `/sys/dev/block/${major}:${minor}`;
  // A partition's stands where the disk's own is.
  const sequence = attribute(`${folder}/diskseq`) ?? attribute(`${folder}/../diskseq`);
  return `block ${major}:${minor} ${sequence}`;
}

/**
 * Whether something else came under one of these names since. What is gone without another in its
 * place does not count: it may come back, and may not be needed.
 */
export function isAnotherThere(
  paths: readonly string[],
  before: readonly (string | undefined)[],
): boolean {
  return paths.map(identityOfDevice).some((now, i) => now !== undefined && now !== before[i]);
}

/** Of a device as `stat` has it (makedev(3)). */
export function numbersOf(rdev: number): { readonly major: number; readonly minor: number } {
  return { major: (rdev >>> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00) };
}

function attribute(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return undefined;
  }
}
