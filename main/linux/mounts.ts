import { fstatSync, readFileSync } from 'node:fs';
import { conflict, unsupported } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { deviceInfo, filesystemInfo, SUBVOLUME_TOP_INODE, subvolumeId } from './btrfs-ioctl.ts';
import {
  closeFd,
  cString,
  filesystemOf,
  MAGIC,
  O_DIRECTORY,
  O_PATH,
  O_RDONLY,
  openPath,
} from './files.ts';

/** One line of /proc/self/mountinfo (proc(5)). Paths are bytes. */
export interface Mount {
  readonly mountId: number;
  /** What of the filesystem is mounted: for btrfs the subvolume's path from the top level. */
  readonly root: Uint8Array;
  readonly mountPoint: Uint8Array;
  readonly readOnly: boolean;
  readonly filesystem: string;
  readonly source: Uint8Array;
  /** Options of the filesystem, as `subvolid=5`. */
  readonly options: readonly string[];
}

export function readMounts(): Mount[] {
  return parseMounts(readFileSync('/proc/self/mountinfo'));
}

/** The btrfs mounts that can be reached: one hidden under a later mount is left out. */
export function btrfsMounts(mounts = readMounts()): Mount[] {
  const byPoint = new Map(mounts.map((mount) => [textFromBytes(mount.mountPoint), mount]));
  return [...byPoint.values()].filter((mount) => mount.filesystem === 'btrfs');
}

/** Mountinfo: fields apart by spaces; space, tab, newline, backslash in a field as \OOO. */
export function parseMounts(bytes: Uint8Array): Mount[] {
  const text = Buffer.from(bytes).toString('latin1');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const fields = line.split(' ');
      const dash = fields.indexOf('-', 6);
      return {
        mountId: Number(fields[0]),
        root: unescaped(fields[3]!),
        mountPoint: unescaped(fields[4]!),
        readOnly: fields[5]!.split(',').includes('ro'),
        filesystem: fields[dash + 1] ?? '',
        source: unescaped(fields[dash + 2] ?? ''),
        options: (fields[dash + 3] ?? '').split(','),
      };
    });
}

function unescaped(field: string): Uint8Array {
  const plain = field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(parseInt(digits, 8)),
  );
  return Buffer.from(plain, 'latin1');
}

/** What is known of a mounted btrfs through any path on it. */
export interface MountedFilesystem {
  readonly fsid: Uint8Array;
  readonly devices: readonly {
    readonly deviceId: number;
    /** Null when it is missing. */
    readonly path: string | null;
    readonly sizeBytes: number;
    readonly usedBytes: number;
  }[];
}

export function mountedFilesystem(fd: number): MountedFilesystem {
  const { fsid, maxDeviceId } = filesystemInfo(fd);
  const devices: MountedFilesystem['devices'][number][] = [];
  for (let id = 0; id <= maxDeviceId; id += 1) {
    const info = deviceInfo(fd, id);
    if (!info) continue;
    const path = info.path.length === 0 ? null : info.path.toString();
    devices.push({
      deviceId: id,
      path,
      sizeBytes: info.totalBytes,
      usedBytes: info.usedBytes,
    });
  }
  return { fsid, devices };
}

/** Where a path on a mounted btrfs lies. */
export interface MountedPlace extends MountedFilesystem {
  readonly subvolumeId: number;
  /** Absolute path of the subvolume's top directory, through this mount. */
  readonly subvolumePath: Uint8Array;
  /** From there, without a leading slash. */
  readonly inside: Uint8Array;
}

/**
 * Finds filesystem, subvolume and path within it for an absolute path without symlinks.
 *
 * @throws Conflict 'not-found', Denied; Unsupported 'not-btrfs'
 */
export function locateMounted(realPath: Uint8Array): MountedPlace {
  const isTop = (path: Uint8Array): boolean =>
    withDirectory(path, (fd) => fstatSync(fd).ino === SUBVOLUME_TOP_INODE);
  let top = isDirectory(realPath) ? realPath : parentOf(realPath);
  withDirectory(top, (fd) => assertBtrfs(fd, realPath));
  while (!isTop(top)) top = parentOf(top);
  return withDirectory(top, (fd) => ({
    ...mountedFilesystem(fd),
    subvolumeId: subvolumeId(fd),
    subvolumePath: top,
    inside: realPath.subarray(top.length === 1 ? 1 : Math.min(top.length + 1, realPath.length)),
  }));
}

/** Runs `use` with the directory open, and closes it. */
export function withDirectory<T>(path: Uint8Array, use: (fd: number) => T): T {
  const fd = openPath(cString(path), O_RDONLY | O_DIRECTORY);
  try {
    return use(fd);
  } finally {
    closeFd(fd);
  }
}

function isDirectory(path: Uint8Array): boolean {
  const fd = openPath(cString(path), O_PATH);
  try {
    return fstatSync(fd).isDirectory();
  } finally {
    closeFd(fd);
  }
}

function parentOf(path: Uint8Array): Uint8Array {
  const slash = path.lastIndexOf(0x2f);
  if (path.length <= 1 || slash < 0) {
    throw conflict('not-found', 'No subvolume holds this path.', { place: pathPlace(path) });
  }
  return path.subarray(0, Math.max(slash, 1));
}

function assertBtrfs(fd: number, path: Uint8Array): void {
  if (filesystemOf(fd).magic === MAGIC.btrfs) return;
  throw unsupported(
    'not-btrfs',
    say`"${{ path: pathPlace(path).path }}" is not on a btrfs filesystem.`,
    {
      hint:
        'Name a path on a mounted btrfs, or IMAGE-OR-DEVICE:/path/inside. For stream files and ' +
        'plain folders see: dendro recover.',
      place: pathPlace(path),
    },
  );
}

function pathPlace(path: Uint8Array): { path: string } {
  return { path: printable(textFromBytes(path)) };
}
