import { filesystemOf, MAGIC } from '../../linux/files.ts';
import { mountedFilesystem } from '../../linux/mounts.ts';
import { identityOf } from './find-members.ts';
import type { Volume } from './volume.ts';

/**
 * Whether both are read from the same devices, whatever these are called (a loop device and its
 * image). An fsid does not tell: a copy by dd, and the image that was made of a disk, have it too.
 */
export function isSameFilesystem(a: Volume, b: Volume): boolean {
  if (a === b) return true;
  const others = ownDevices(b);
  return isSameId(a.fsid, b.fsid) && ownDevices(a).some((device) => others.includes(device));
}

/**
 * Whether an open directory lies on the filesystem that this volume is read from. The kernel may
 * have mounted it under an fsid of its own making: beside another of the same fsid (Linux 6.7).
 */
export function isMountOf(volume: Volume, fd: number): boolean {
  if (filesystemOf(fd).magic !== MAGIC.btrfs) return false;
  const { fsid, devices } = mountedFilesystem(fd);
  const paths = devices.flatMap(({ path }) => (path === null ? [] : [path]));
  const mounted = paths.map(identityOf);
  // a name that only the kernel knows, like /dev/root
  if (mounted.includes(undefined)) return isSameId(fsid, volume.fsid);
  return ownDevices(volume).some((device) => mounted.includes(device));
}

/** Of a filesystem that grew from a seed without the seed, which others may have grown from. */
function ownDevices({ members, fsid }: Volume): string[] {
  return members.all
    .filter(({ superblock }) => isSameId(superblock.fsid, fsid))
    .flatMap(({ device }) => identityOf(device.name) ?? []);
}

function isSameId(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
