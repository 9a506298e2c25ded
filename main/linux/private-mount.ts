/** The new mount API (`linux/mount.h`; fsopen(2), fsconfig(2), fsmount(2)). */
import { ioError } from '../../shared/errors.ts';
import { deviceInfo, filesystemInfo } from './btrfs-ioctl.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openBeneath } from './files.ts';
import { checked } from './libc-error.ts';
import { libc } from './libc.ts';

const SYS_FSOPEN = 430;
const SYS_FSCONFIG = 431;
const SYS_FSMOUNT = 432;
const CLOEXEC = 1;
const SET_STRING = 1;
const COMMAND_CREATE = 6;
const ATTR_NOSUID = 0x2;
const ATTR_NODEV = 0x4;
const ATTR_NOEXEC = 0x8;
/** The id of the top level, as an option of a mount. */
export const TOP_LEVEL_ID = '5';

/**
 * The top level (subvolume 5) of the btrfs that `fd` lies on, whatever of it is mounted and
 * where: a mount that is attached nowhere, seen by nobody else, and gone when the descriptor is
 * closed. Needs CAP_SYS_ADMIN.
 */
export function openTopLevel(fd: number): number {
  return openSubvolumeMount(fd, { subvolid: TOP_LEVEL_ID });
}

/**
 * What a mount with these options would show, in the same way: `subvol=/@`, or none for the
 * default subvolume.
 */
export function openSubvolumeMount(
  fd: number,
  options: { readonly subvolid?: string; readonly subvol?: Uint8Array },
): number {
  const type = cString('btrfs');
  const context = checked(libc().syscallPath(SYS_FSOPEN, type, CLOEXEC), 'mount the top level');
  try {
    configure(context, SET_STRING, 'source', devicePath(fd));
    if (options.subvolid !== undefined)
      configure(context, SET_STRING, 'subvolid', cString(options.subvolid));
    if (options.subvol !== undefined)
      configure(context, SET_STRING, 'subvol', cString(options.subvol));
    configure(context, COMMAND_CREATE, undefined, null);
    const attributes = ATTR_NOSUID | ATTR_NODEV | ATTR_NOEXEC;
    const mount = libc().syscall3(SYS_FSMOUNT, context, CLOEXEC, attributes);
    return checked(mount, 'mount the top level');
  } finally {
    closeFd(context);
  }
}

/** Lends its top directory, open for reading, for as long as `use` takes. */
export function withSubvolumeMount<T>(
  fd: number,
  options: Parameters<typeof openSubvolumeMount>[1],
  use: (top: number) => T,
): T {
  const mount = openSubvolumeMount(fd, options);
  try {
    // The descriptor of a mount is for lookups only.
    const top = openBeneath(mount, cString('.'), O_RDONLY | O_DIRECTORY);
    try {
      return use(top);
    } finally {
      closeFd(top);
    }
  } finally {
    closeFd(mount);
  }
}

function configure(fd: number, command: number, key: string | undefined, value: Buffer | null) {
  const name = key === undefined ? null : cString(key);
  const result = libc().syscallConfig(SYS_FSCONFIG, fd, command, name, value, 0);
  checked(result, 'mount the top level of the filesystem');
}

/** Any member device that is there leads to the filesystem. */
function devicePath(fd: number): Buffer {
  const { maxDeviceId } = filesystemInfo(fd);
  for (let id = 1; id <= maxDeviceId; id += 1) {
    const path = deviceInfo(fd, id)?.path;
    if (path !== undefined && path.length > 0) return cString(path);
  }
  throw ioError('device-gone', 'The filesystem has no device that could be opened.', {
    hint: 'Check the drive and its cable.',
  });
}
