import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Paths of the block devices this machine has now. Left out: empty ones (free loop devices)
 * and those that another device stands on (members of md, dm, multipath), whose bytes
 * would be seen twice.
 */
export function listBlockDevices(): string[] {
  return readdirSync('/sys/class/block')
    .filter((name) => sectorsOf(name) > 0 && holdersOf(name) === 0)
    .map((name) => `/dev/${name.replaceAll('!', '/')}`)
    .sort();
}

/** No filesystem fits a smaller file; folders with more files are not gone through whole. */
const SMALLEST_IMAGE = 1024 * 1024;
const MOST_FILES = 4_096;

/** The files beside the given image files: the other disks of a filesystem kept as images. */
export function listSiblingImages(images: readonly string[]): string[] {
  const folders = new Set(images.filter((path) => isFile(path, 0)).map((path) => dirname(path)));
  return [...folders].flatMap((folder) =>
    namesIn(folder)
      .slice(0, MOST_FILES)
      .map((name) => join(folder, name))
      .filter((path) => isFile(path, SMALLEST_IMAGE)),
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return []; // a folder that may be passed through, but not listed
  }
}

function isFile(path: string, leastBytes: number): boolean {
  try {
    const status = statSync(path);
    return status.isFile() && status.size >= leastBytes;
  } catch {
    return false;
  }
}

function sectorsOf(name: string): number {
  try {
    return Number(readFileSync(`/sys/class/block/${name}/size`, 'latin1'));
  } catch {
    return 0; // unplugged between the listing and the look
  }
}

function holdersOf(name: string): number {
  try {
    return readdirSync(`/sys/class/block/${name}/holders`).length;
  } catch {
    return 0;
  }
}
