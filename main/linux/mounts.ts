import { fstatSync, readFileSync } from 'node:fs';
import { conflict, unsupported } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import {
  deviceInfo,
  filesystemInfo,
  STUB_INODE,
  SUBVOLUME_TOP_INODE,
  subvolumeId,
} from './btrfs-ioctl.ts';
import { directoryPath } from './btrfs-ioctl-search.ts';
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

const SLASH = 0x2f;

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

/** Whether what is open at its mount point is this mount: another may lie over a folder above. */
export function isSeen({ mountId }: Mount, fd: number): boolean {
  const facts = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
  return Number(/^mnt_id:\s*(\d+)$/m.exec(facts)?.[1]) === mountId;
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
  /** A directory on it, absolute: the subvolume's top, or the path's own where that is not seen. */
  readonly directory: Uint8Array;
  /** Path from the subvolume's top, without a leading slash. */
  readonly inside: Uint8Array;
}

/**
 * Finds filesystem, subvolume and path within it for an absolute path without symlinks. Where a
 * folder of a subvolume is mounted by itself (`mount --bind`, containers) the folders above lie
 * elsewhere, and what is there by the same name is another one: the kernel is asked.
 *
 * @throws Conflict 'not-found', 'mounted-file', Denied; Unsupported 'not-btrfs'
 */
export function locateMounted(realPath: Uint8Array): MountedPlace {
  const isFolder = isDirectory(realPath);
  const mount = mountPointAbove(realPath);
  if (!isFolder && mount.length === realPath.length) throw mountedFile(realPath);
  const own = isFolder && !isStub(realPath) ? realPath : parentOf(realPath);
  const { dev } = withDirectory(own, (fd) => {
    assertBtrfs(fd, realPath);
    return fstatSync(fd);
  });
  for (let top = own; ; top = parentOf(top)) {
    const status = withDirectory(top, (fd) => fstatSync(fd));
    if (status.dev !== dev) break;
    if (status.ino === SUBVOLUME_TOP_INODE) return placeBelow(top, below(top, realPath));
    if (top.length <= mount.length) break;
  }
  const inode = withDirectory(own, (fd) => fstatSync(fd, { bigint: true }).ino);
  const above = withDirectory(own, (fd) => directoryPath(fd, 0, inode));
  // It ends with a slash.
  const inside = Buffer.concat([above ?? Buffer.alloc(0), below(own, realPath)]);
  return placeBelow(own, inside.at(-1) === SLASH ? inside.subarray(0, -1) : inside);
}

function placeBelow(directory: Uint8Array, inside: Uint8Array): MountedPlace {
  return withDirectory(directory, (fd) => ({
    ...mountedFilesystem(fd),
    subvolumeId: subvolumeId(fd),
    directory,
    inside,
  }));
}

/** The path from a folder above, without a leading slash. */
function below(folder: Uint8Array, path: Uint8Array): Uint8Array {
  return path.subarray(folder.length === 1 ? 1 : Math.min(folder.length + 1, path.length));
}

/** Where the mount that shows a path begins; the root where that is not known. */
function mountPointAbove(path: Uint8Array): Uint8Array {
  return mountAbove(path)?.mountPoint ?? Buffer.from('/');
}

/** The mount that shows a path; the last one where several lie over one another. */
export function mountAbove(path: Uint8Array, mounts = mountsIfKnown()): Mount | undefined {
  const text = Buffer.from(path).toString('latin1');
  const isAbove = (point: string): boolean =>
    point === '/' || text === point || text.startsWith(`${point}/`);
  return mounts
    .map((mount) => ({ mount, point: Buffer.from(mount.mountPoint).toString('latin1') }))
    .filter(({ point }) => isAbove(point))
    .sort((a, b) => a.point.length - b.point.length)
    .at(-1)?.mount;
}

function mountsIfKnown(): Mount[] {
  try {
    return readMounts();
  } catch {
    return []; // /proc is not mounted
  }
}

function mountedFile(path: Uint8Array): Error {
  return conflict(
    'mounted-file',
    say`"${{ path: pathPlace(path).path }}" is a file that is mounted by itself.`,
    {
      hint: 'Name it by the folder that it lies in.',
      place: pathPlace(path),
    },
  );
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

/** Whether nothing but a name of the snapshot above stands there. */
function isStub(folder: Uint8Array): boolean {
  return withDirectory(folder, (fd) => {
    return fstatSync(fd).ino === STUB_INODE && filesystemOf(fd).magic === MAGIC.btrfs;
  });
}

function parentOf(path: Uint8Array): Uint8Array {
  const slash = path.lastIndexOf(SLASH);
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
