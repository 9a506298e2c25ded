import { readdirSync, readFileSync } from 'node:fs';

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
