import { closeSync, openSync, readdirSync, readSync, type Dirent } from 'node:fs';
import { join } from 'node:path';

/** "HdrS" in the setup header of a Linux/x86 boot image (Documentation/arch/x86/boot.rst). */
const HEADER_MAGIC_AT = 0x202;
const KERNEL_VERSION_AT = 0x20e;
const SETUP_SECTOR_BYTES = 0x200;
const HEAD_BYTES = 64 * 1024;

/** What a system can boot with. */
export interface Kernels {
  /** Versions of the kernels in /boot. */
  readonly inBoot: readonly string[];
  /** Versions that the tree has modules for. */
  readonly withModules: readonly string[];
}

/** Versions that have both: with any other kernel a system comes up without its drivers. */
export function bootable({ inBoot, withModules }: Kernels): string[] {
  return inBoot.filter((version) => withModules.includes(version));
}

/** @param folders where kernels may lie: /boot, the ESP; those that are not there do not matter. */
export function kernelsIn(folders: readonly string[]): string[] {
  const found = new Set<string>();
  for (const folder of folders) {
    for (const entry of entriesOf(folder)) {
      if (!entry.isFile() || !/^(vmlinu[xz]|linux|bzImage|kernel)/.test(entry.name)) continue;
      const version =
        versionOf(join(folder, entry.name)) ?? entry.name.split('-').slice(1).join('-');
      if (/^\d+\.\d+/.test(version)) found.add(version);
    }
  }
  return [...found].sort();
}

/** @param tree the top of a system. */
export function modulesIn(tree: string): string[] {
  const folders = [join(tree, 'usr/lib/modules'), join(tree, 'lib/modules')];
  const names = folders.flatMap((folder) =>
    entriesOf(folder).flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])),
  );
  return [...new Set(names)].sort();
}

/** The version that an x86 kernel says it is; undefined for any other file. */
function versionOf(path: string): string | undefined {
  const head = Buffer.alloc(HEAD_BYTES);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, head, 0, head.length, 0);
  } finally {
    closeSync(fd);
  }
  if (head.toString('latin1', HEADER_MAGIC_AT, HEADER_MAGIC_AT + 4) !== 'HdrS') return undefined;
  const start = head.readUInt16LE(KERNEL_VERSION_AT) + SETUP_SECTOR_BYTES;
  const end = head.indexOf(0, start);
  return end < 0 ? undefined : head.toString('latin1', start, end).split(' ')[0];
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // not there, or not a folder
  }
}
