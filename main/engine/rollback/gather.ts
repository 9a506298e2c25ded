import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import { filesystemInfo, subvolumeInfo } from '../../linux/btrfs-ioctl.ts';
import { btrfsMounts, readMounts, withDirectory } from '../../linux/mounts.ts';
import { DendroError } from '../../../shared/errors.ts';
import { parseFstab, rootChoices } from './boot-files.ts';
import { kernelsIn, modulesIn } from './kernels.ts';
import type { SystemFacts } from './plan.ts';

/** Where boot loaders keep what they boot with, below /boot or the ESP. */
const CONFIGURATIONS = [
  'grub/grub.cfg',
  'grub2/grub.cfg',
  'extlinux/extlinux.conf',
  'syslinux/syslinux.cfg',
  'refind_linux.conf',
  'cmdline.txt',
];
const ENTRY_FOLDERS = ['loader/entries', 'efi/loader/entries', 'EFI/loader/entries'];
/** In the system itself: what new kernels are set up with. */
const IN_TREE = ['etc/kernel/cmdline', 'etc/default/grub'];
const MAX_FILE_BYTES = 4 * 1024 * 1024;

export interface BootInput {
  /** The target's tree as it is now, and the point's. */
  readonly current: string;
  readonly point: string;
  /** Given by a person; null: found. */
  readonly bootFolder: string | null;
  /** The target is what this computer runs on. */
  readonly isRunning: boolean;
}

/** Undefined when the tree is no system: it has no /etc/fstab with an entry for /. */
export function systemFacts(input: BootInput): SystemFacts | undefined {
  const { current, point, isRunning } = input;
  const fstab = parseFstab(
    read(join(point, 'etc/fstab')) ?? read(join(current, 'etc/fstab')) ?? '',
  );
  if (!fstab.some(({ mountPoint }) => mountPoint === '/')) return undefined;
  const { folders, isInTree } = bootFolders(input, fstab);
  const files = [
    ...folders.flatMap((folder) => loaderFiles(folder)),
    ...IN_TREE.map((path) => join(current, path)),
    ...(isRunning ? ['/proc/cmdline'] : []),
  ];
  const bootChoices = files.flatMap((file) =>
    rootChoices(read(file) ?? '').map((choice) => ({ ...choice, file })),
  );
  const kernels =
    folders.length === 0
      ? undefined
      : { inBoot: kernelsIn(folders), withModules: modulesIn(point) };
  return { fstab, bootChoices, kernels, isBootInTree: isInTree };
}

/** /boot is part of the point, or a filesystem of its own that stays as it is now. */
function bootFolders(
  { current, point, bootFolder, isRunning }: BootInput,
  fstab: SystemFacts['fstab'],
): { folders: string[]; isInTree: boolean } {
  const own = fstab.filter(({ mountPoint }) => /^\/(boot|efi)(\/|$)/.test(mountPoint));
  const isInTree = !own.some(({ mountPoint }) => mountPoint === '/boot');
  const inside = isInTree ? [join(point, 'boot'), join(current, 'boot')] : [];
  if (bootFolder !== null) return { folders: withInner(bootFolder), isInTree: false };
  const found = own.flatMap(({ spec, mountPoint }) => {
    if (isRunning) return withInner(mountPoint);
    const mounted = mountedAt(spec);
    return mounted === undefined ? [] : withInner(mounted);
  });
  return { folders: [...(isInTree ? inside.slice(0, 1) : []), ...found], isInTree };
}

/** Also the folders in it that a machine id or a distribution's name stands for. */
function withInner(folder: string): string[] {
  return [folder, join(folder, 'efi'), ...foldersIn(folder, 2)];
}

function foldersIn(folder: string, depth: number): string[] {
  if (depth === 0) return [];
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'grub' && entry.name !== 'grub2')
      .flatMap(({ name }) => [join(folder, name), ...foldersIn(join(folder, name), depth - 1)]);
  } catch {
    return [];
  }
}

function loaderFiles(folder: string): string[] {
  const entries = ENTRY_FOLDERS.flatMap((inner) => {
    try {
      return readdirSync(join(folder, inner))
        .filter((name) => name.endsWith('.conf'))
        .map((name) => join(folder, inner, name));
    } catch {
      return [];
    }
  });
  return [...CONFIGURATIONS.map((path) => join(folder, path)), ...entries];
}

/** Where what an fstab names by UUID, label or device is mounted now. */
function mountedAt(spec: string): string | undefined {
  const [kind, value] = spec.split('=');
  const link =
    value === undefined ? spec : `/dev/disk/by-${kind!.toLowerCase()}/${value.replaceAll('"', '')}`;
  try {
    const { rdev } = statSync(link);
    const mount = readMounts().find(({ source }) => {
      try {
        return statSync(Buffer.from(source)).rdev === rdev;
      } catch {
        return false;
      }
    });
    return mount && textFromBytes(mount.mountPoint);
  } catch {
    return undefined;
  }
}

/** Mount points that show a subvolume, or something in it, now. */
export function mountPointsOf(fsid: Uint8Array, subvolumeId: number): string[] {
  return btrfsMounts().flatMap(({ mountPoint }) => {
    try {
      return withDirectory(mountPoint, (fd) => {
        const isHere =
          Buffer.compare(filesystemInfo(fd).fsid, fsid) === 0 &&
          subvolumeInfo(fd).id === subvolumeId;
        return isHere ? [textFromBytes(mountPoint)] : [];
      });
    } catch (error) {
      if (error instanceof DendroError) return [];
      throw error;
    }
  });
}

function read(path: string): string | undefined {
  try {
    return statSync(path).size > MAX_FILE_BYTES ? undefined : readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
