import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { conflict, DendroError, denied, usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { MANIFEST } from '../archive/folder/names.ts';
import { refuseForeign } from '../engine/device/index.ts';
import type { VolumeInput } from '../engine/open-volumes.ts';
import { blockDevices } from '../linux/block-devices.ts';
import {
  btrfsMounts,
  locateMounted,
  mountedFilesystem,
  withDirectory,
  type Mount,
} from '../linux/mounts.ts';

const TOP_LEVEL = 5;
/** Behind the first superblock's start and that of its copy, which may be all that is left. */
const MAGIC_PLACES = [0x1_0040, 0x400_0040];
const MAGIC = '_BHRfS_M';

/** What an argument names: a path below a subvolume of some volume. */
export interface Place {
  /** As it was given. */
  readonly text: string;
  readonly volume: VolumeInput;
  readonly subvolumeId: number;
  /** From the top of that subvolume, without a leading slash; it may lead into nested ones. */
  readonly path: string;
  /** The path on the mounted filesystem; null for IMAGE-OR-DEVICE:/path. */
  readonly mountedPath: string | null;
}

/**
 * A path on a mounted btrfs, or IMAGE-OR-DEVICE:/path/inside, or IMAGE-OR-DEVICE alone for its
 * top level. Several devices of one filesystem are named with commas between them; with one,
 * the others are looked for. Where both readings are possible, the path that exists wins.
 *
 * @throws Conflict 'not-found', Denied, Unsupported 'not-btrfs', Usage
 */
export function placeOf(text: string): Place {
  const status = tryStat(text);
  if (status && isVolume(text, status)) return inside(text, [text], '');
  if (status) return status.isFile() ? mountedFile(text) : mounted(text);
  const colon = splitAt(text);
  if (colon === undefined) throw missing(text);
  const devices = devicesIn(text.slice(0, colon))!;
  for (const device of devices) requireVolume(device);
  return inside(text, devices, text.slice(colon + 1));
}

/**
 * The same, but a symbolic link that a path on a mounted btrfs ends with is not followed: it may
 * lead out of a snapshot, into what is there now, or nowhere.
 */
export function placeItself(text: string): Place {
  const status = lstatSync(Buffer.from(bytesFromText(text)), { throwIfNoEntry: false });
  if (status?.isSymbolicLink() !== true || text.endsWith('/')) return placeOf(text);
  const above = placeOf(dirname(text));
  const name = basename(text);
  return {
    ...above,
    text,
    path: above.path === '' ? name : `${above.path}/${name}`,
    mountedPath: above.mountedPath === null ? null : join(above.mountedPath, name),
  };
}

function requireVolume(path: string): void {
  const status = tryStat(path)!;
  if (status.isFile() || status.isBlockDevice()) return;
  if (existsSync(join(path, MANIFEST))) {
    throw usage(
      'is-an-archive',
      say`"${{ path: printable(path) }}" is an archive of stream files.`,
      {
        hint: 'Use dendro archive ls, cat, find or restore for what is in it.',
      },
    );
  }
  throw usage(
    'not-a-volume',
    say`"${{ path: printable(path) }}" is neither an image nor a block device.`,
    {
      hint: 'Name one as IMAGE-OR-DEVICE:/path/inside, or a path on a mounted btrfs.',
    },
  );
}

/** IMAGE-OR-DEVICE, or any path on a mounted btrfs: the volume alone. */
export function volumeOf(text: string): VolumeInput {
  return placeOf(text).volume;
}

function inside(text: string, devices: readonly string[], path: string): Place {
  return {
    text,
    volume: { devices, mountPath: mountOfDevice(realpathSync(devices[0]!)) },
    subvolumeId: TOP_LEVEL,
    path: path.replace(/^\/+/, ''),
    mountedPath: null,
  };
}

function mounted(text: string): Place {
  const real = realpathSync.native(Buffer.from(bytesFromText(text)), { encoding: 'buffer' });
  const { devices, subvolumeId, directory, inside: path } = locateMounted(real);
  return {
    text,
    volume: {
      devices: devices.flatMap((device) => (device.path === null ? [] : [device.path])),
      mountPath: textFromBytes(directory),
    },
    subvolumeId,
    path: textFromBytes(path),
    mountedPath: textFromBytes(real),
  };
}

/** Also an image of something else than btrfs, on something else than btrfs. */
function mountedFile(text: string): Place {
  try {
    return mounted(text);
  } catch (error) {
    if (error instanceof DendroError && error.code === 'not-btrfs') refuseForeign(text);
    throw error;
  }
}

/**
 * The colon before the path inside: the first one that files or devices stand before; the end
 * of the text when it names nothing but them.
 */
function splitAt(text: string): number | undefined {
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    if (devicesIn(text.slice(0, at))) return at;
  }
  return devicesIn(text) && text.length;
}

/** One path that exists, or several with commas between them; else undefined. */
function devicesIn(text: string): string[] | undefined {
  if (tryStat(text)) return [text];
  const parts = text.split(',');
  return parts.length > 1 && parts.every((part) => part !== '' && tryStat(part))
    ? parts
    : undefined;
}

/** A block device, or a file outside of btrfs' own tools that holds a btrfs superblock. */
function isVolume(path: string, status: Stats): boolean {
  if (status.isBlockDevice()) return true;
  if (!status.isFile() || status.size <= MAGIC_PLACES[0]!) return false;
  const fd = openSync(Buffer.from(bytesFromText(path)), 'r');
  try {
    const magic = Buffer.alloc(MAGIC.length);
    return MAGIC_PLACES.some((place) => {
      magic.fill(0);
      readSync(fd, magic, 0, magic.length, place);
      return magic.toString('latin1') === MAGIC;
    });
  } finally {
    closeSync(fd);
  }
}

/** Where a device, or the image behind one, is mounted now; null when it is not. */
function mountOfDevice(path: string): string | null {
  const names = new Set([path]);
  for (const device of blockDevices()) {
    if (device.backingFile === path) names.add(device.path);
  }
  for (const mount of btrfsMounts()) {
    if (devicesOf(mount).some((path) => names.has(path))) return textFromBytes(mount.mountPoint);
  }
  return null;
}

/** A mount that has gone meanwhile, or that this user may not enter, is known by its source. */
function devicesOf(mount: Mount): string[] {
  try {
    const { devices } = withDirectory(mount.mountPoint, mountedFilesystem);
    return devices.flatMap(({ path }) => (path === null ? [] : [path]));
  } catch (error) {
    if (!(error instanceof DendroError)) throw error;
    return [Buffer.from(mount.source).toString()];
  }
}

function tryStat(path: string): Stats | undefined {
  try {
    return statSync(Buffer.from(bytesFromText(path)));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
    throw denied(
      'permission-denied',
      say`"${{ path: printable(path) }}" cannot be looked at: ${{ code }}.`,
      {
        hint: 'Run as root, or ask for the permission.',
        place: { path: printable(path) },
        cause,
      },
    );
  }
}

function missing(text: string): Error {
  return conflict('not-found', say`"${{ path: printable(text) }}" does not exist.`, {
    hint: 'Name a path on a mounted btrfs, or IMAGE-OR-DEVICE:/path/inside.',
    place: { path: printable(text) },
  });
}
