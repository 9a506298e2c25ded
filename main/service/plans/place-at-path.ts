import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readMounts } from '../../linux/mounts.ts';
import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';

export interface MountPoint {
  readonly at: string;
  /** Of the volume or drive that is mounted there. */
  readonly id: string;
}

export interface PlaceAtPath extends MountPoint {
  /** Below the mount point; '' is the top. */
  readonly folder: string;
}

/**
 * Which of the mounts a path is on, and the rest of the path. Undefined where another filesystem
 * lies between: what is mounted there is none of them.
 */
export function placeAtPath(path: string, mounts: readonly MountPoint[]): PlaceAtPath | undefined {
  const real = realPath(path);
  const points = readMounts().map(({ mountPoint }) => textFromBytes(mountPoint));
  const covering = deepest(real, points);
  const mount = mounts.find(({ at }) => at === covering);
  if (!mount) return undefined;
  return { ...mount, folder: real.slice(mount.at.length).replaceAll(/^\/+|\/+$/g, '') };
}

/** The mount points that a path is below, the deepest. */
function deepest(path: string, points: readonly string[]): string | undefined {
  return points.filter((at) => isAtOrBelow(path, at)).sort((a, b) => b.length - a.length)[0];
}

export function isAtOrBelow(path: string, at: string): boolean {
  return path === at || path.startsWith(at === '/' ? at : `${at}/`);
}

/** Links in what is there of it are followed: /media is one on many systems. */
function realPath(path: string): string {
  try {
    return textFromBytes(realpathSync.native(Buffer.from(bytesFromText(path)), 'buffer'));
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPath(above), basename(path));
  }
}
