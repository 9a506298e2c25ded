import { readFileSync } from 'node:fs';
import {
  btrfsMounts,
  isSeen,
  mountedFilesystem,
  withDirectory,
  type Mount,
} from '../../linux/mounts.ts';
import { blockDevices } from '../../linux/block-devices.ts';
import { filesystemOf } from '../../linux/files.ts';
import { uuidText } from '../../engine/verbs/uuid-text.ts';
import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { Volume } from '../../../shared/model/volume.ts';

/** A mounted btrfs: what the kernel says of it without reading the device. */
export interface MountedVolume {
  readonly fsid: string;
  /** The kernel made up the fsid: another filesystem with the one on the disk was mounted before. */
  readonly isCopy: boolean;
  readonly devices: Volume['devices'];
  readonly mounts: Volume['mounts'];
  readonly freeBytes: number;
}

/** All mounted btrfs filesystems, each once; mounts of the top level first. */
export function mountedVolumes(mounts: readonly Mount[] = btrfsMounts()): MountedVolume[] {
  const found = new Map<string, MountedVolume>();
  for (const mount of [...mounts].sort((a, b) => a.root.length - b.root.length)) {
    const facts = tryDescribe(mount);
    if (!facts) continue;
    const known = found.get(facts.fsid) ?? { ...facts, mounts: [] };
    known.mounts.push({
      path: textFromBytes(mount.mountPoint),
      subvolume: textFromBytes(mount.root),
      readOnly: mount.readOnly,
    });
    found.set(facts.fsid, known);
  }
  return [...found.values()];
}

/** Removable when any of its devices is, or lies on a loop device (a disk image). */
export function isRemovable(devices: Volume['devices']): boolean {
  const known = new Map(blockDevices().map((device) => [device.path, device]));
  return devices.some(({ path }) => path !== null && known.get(path)?.removable === true);
}

/** Linux 6.7 and newer say so; before that, a copy cannot be mounted beside its original. */
function hasMadeUpFsid(fsid: string): boolean {
  try {
    return readFileSync(`/sys/fs/btrfs/${fsid}/temp_fsid`, 'latin1').trim() === '1';
  } catch {
    return false;
  }
}

/** Undefined for a mount that cannot be seen, that this user may not look into, or that has just gone. */
function tryDescribe(mount: Mount): Omit<MountedVolume, 'mounts'> | undefined {
  try {
    return withDirectory(mount.mountPoint, (fd) => {
      if (!isSeen(mount, fd)) return undefined;
      const { fsid, devices } = mountedFilesystem(fd);
      const { freeBytes } = filesystemOf(fd);
      const text = uuidText(fsid)!;
      return { fsid: text, isCopy: hasMadeUpFsid(text), devices: [...devices], freeBytes };
    });
  } catch {
    return undefined;
  }
}
