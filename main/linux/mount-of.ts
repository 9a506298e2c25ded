import { readlinkSync } from 'node:fs';
import { mountAbove, readMounts, type Mount } from './mounts.ts';

/** The mount that shows an open folder. */
export function mountOf(fd: number): Mount | undefined {
  return mountAbove(readlinkSync(`/proc/self/fd/${fd}`, 'buffer'), readMounts());
}
