import { readFileSync, realpathSync } from 'node:fs';
import { conflict, ioError } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { filesystemInfo } from '../linux/btrfs-ioctl.ts';
import {
  closeFd,
  cString,
  filesystemOf,
  MAGIC,
  O_DIRECTORY,
  O_RDONLY,
  openPath,
  statFd,
} from '../linux/files.ts';
import { readMounts, type Mount } from '../linux/mounts.ts';
import { readMarker, withTop, type Marker } from './marker.ts';

/** What must be at the mount point before anything is written there. */
export interface Expected {
  readonly name: string;
  readonly uuid: string;
  readonly devicePaths: readonly string[];
  /** Null: the drive has no marker yet. */
  readonly markerId: string | null;
}

/** A mount point held open: nobody can unmount it meanwhile but by force, which `check` sees. */
export interface HeldMount {
  readonly path: string;
  readonly fd: number;
  /** What the drive itself says that it is. */
  readonly marker: Marker | undefined;
  /** @throws Conflict 'drive-not-mounted' when it was unmounted, hidden or replaced since */
  check(): void;
  close(): void;
}

/**
 * Holds the mount point after making sure that it is the drive that is meant: something is
 * mounted there, it can be written to, its filesystem has the UUID, and its marker is the drive's.
 *
 * @throws Conflict 'drive-not-mounted', 'drive-read-only', 'drive-swapped', 'drive-marker-missing'
 */
export function holdMount(path: string, expected: Expected): HeldMount {
  const fd = openPath(cString(path), O_RDONLY | O_DIRECTORY);
  try {
    const mount = mountAt(path);
    if (!mount) throw notMounted(path, expected);
    if (mount.readOnly) throw readOnly(path, expected);
    if (!isFilesystem(fd, mount, expected)) throw swapped(path, expected);
    const marker = withTop(fd, readMarker);
    checkMarker(marker, path, expected);
    const { mountId } = statFd(fd);
    return {
      path,
      fd,
      marker,
      check: () => {
        if (mountIdAt(path) !== mountId || !mountAt(path)) throw notMounted(path, expected);
      },
      close: () => closeFd(fd),
    };
  } catch (error) {
    closeFd(fd);
    throw error;
  }
}

/** The mount that is seen at this path: the last one made there. */
function mountAt(path: string): Mount | undefined {
  const real = realpathSync(path);
  return readMounts().findLast((mount) => textFromBytes(mount.mountPoint) === real);
}

function mountIdAt(path: string): bigint | undefined {
  let fd: number;
  try {
    fd = openPath(cString(path), O_RDONLY | O_DIRECTORY);
  } catch {
    return undefined;
  }
  try {
    return statFd(fd).mountId;
  } finally {
    closeFd(fd);
  }
}

function isFilesystem(fd: number, mount: Mount, { uuid, devicePaths }: Expected): boolean {
  if (filesystemOf(fd).magic === MAGIC.btrfs) return uuidText(filesystemInfo(fd).fsid) === uuid;
  const [major, minor] = statFd(fd).device;
  // A filesystem in user space has a device number of its own: there the mount names the device.
  return devicePaths.some(
    (path) => numberOf(path) === `${major}:${minor}` || sameNode(path, textFromBytes(mount.source)),
  );
}

function uuidText(fsid: Uint8Array): string {
  const hex = Buffer.from(fsid).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** 'MAJ:MIN' of a block device, by sysfs. */
function numberOf(path: string): string | undefined {
  try {
    const name = realpathSync(path).slice('/dev/'.length).replaceAll('/', '!');
    return readFileSync(`/sys/class/block/${name}/dev`, 'latin1').trim();
  } catch {
    return undefined;
  }
}

function sameNode(path: string, source: string): boolean {
  try {
    return source.startsWith('/dev/') && realpathSync(path) === realpathSync(source);
  } catch {
    return false;
  }
}

function checkMarker(marker: Marker | undefined, path: string, { name, markerId }: Expected): void {
  if (markerId === null || marker?.markerId === markerId) return;
  if (marker) {
    throw conflict(
      'drive-swapped',
      say`The drive at ${{ path: printable(path) }} is "${{ found: marker.name }}", not "${{ name }}": its marker is another one.`,
      {
        hint: 'It has the same UUID, as after copying a whole disk. Unplug the one that is not meant.',
        place: { path: printable(path) },
      },
    );
  }
  throw conflict(
    'drive-marker-missing',
    say`The drive at ${{ path: printable(path) }} has the UUID of "${{ name }}" but not its marker.`,
    {
      hint: 'Look at what is on it. If it is the right one, forget the drive in Dendro and add it again.',
      place: { path: printable(path) },
    },
  );
}

function notMounted(path: string, { name }: Expected): Error {
  return conflict(
    'drive-not-mounted',
    say`"${{ name }}" is not mounted at ${{ path: printable(path) }}.`,
    {
      hint: 'Nothing was written into the empty folder. Mount the drive, and try again.',
      place: { path: printable(path) },
    },
  );
}

function readOnly(path: string, { name }: Expected): Error {
  return ioError(
    'read-only',
    say`"${{ name }}" is mounted read-only at ${{ path: printable(path) }}.`,
    {
      hint: 'Linux does that by itself when a drive has errors: check it, then mount it again.',
      place: { path: printable(path) },
    },
  );
}

function swapped(path: string, { name, uuid }: Expected): Error {
  return conflict(
    'drive-swapped',
    say`What is mounted at ${{ path: printable(path) }} is not "${{ name }}".`,
    {
      hint: say`The filesystem there does not have the UUID ${{ uuid }}. Plug in the right drive.`,
      place: { path: printable(path) },
    },
  );
}
