import { readlinkSync } from 'node:fs';
import { readMounts, type Mount } from './mounts.ts';

/** The mount that shows an open folder; the last one where several lie over one another. */
export function mountOf(fd: number): Mount | undefined {
  const path = readlinkSync(`/proc/self/fd/${fd}`, 'buffer').toString('latin1');
  const isAbove = (point: string): boolean =>
    point === '/' || path === point || path.startsWith(`${point}/`);
  return readMounts()
    .map((mount) => ({ mount, point: Buffer.from(mount.mountPoint).toString('latin1') }))
    .filter(({ point }) => isAbove(point))
    .sort((a, b) => a.point.length - b.point.length)
    .at(-1)?.mount;
}
