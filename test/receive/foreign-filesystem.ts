import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openBtrfsSink, sendFolder } from '../../main/engine/receive.ts';
import { onPath } from '../harness/kernel.ts';
import { attachLoop, detachLoop } from '../harness/loop.ts';
import { CommandFailed, run } from '../harness/run.ts';

export interface Foreign {
  readonly name: string;
  readonly make: readonly [command: string, ...args: string[]];
  /** The type after `mount -t`, or the command of a filesystem in user space. */
  readonly mount:
    { readonly type: string } | { readonly command: string; readonly options?: readonly string[] };
  /** Owners, modes, links, any name. */
  readonly isPosix: boolean;
}

export const FOREIGN: readonly Foreign[] = [
  { name: 'ext4', make: ['mkfs.ext4', '-q', '-F'], mount: { type: 'ext4' }, isPosix: true },
  { name: 'xfs', make: ['mkfs.xfs', '-q', '-f'], mount: { type: 'xfs' }, isPosix: true },
  { name: 'tmpfs', make: ['true'], mount: { type: 'tmpfs' }, isPosix: true },
  {
    name: 'exfat',
    make: ['mkfs.exfat'],
    mount: { command: 'mount.exfat-fuse' },
    isPosix: false,
  },
  {
    name: 'ntfs',
    make: ['mkfs.ntfs', '-q', '-F', '-Q'],
    mount: { command: 'ntfs-3g' },
    isPosix: false,
  },
];

const isVfatInKernel = /^\s*vfat$/m.test(readFileSync('/proc/filesystems', 'utf8'));

/**
 * FAT32: by the kernel where that knows it; else by fusefat, which holds an archive well enough
 * but knows too little to be restored onto.
 */
export const FAT32: Foreign & { readonly isWhole: boolean } = {
  ...{ name: 'fat32', make: ['mkfs.vfat', '-F', '32'], isPosix: false },
  mount: isVfatInKernel ? { type: 'vfat' } : { command: 'fusefat', options: ['-o', 'rw+'] },
  isWhole: isVfatInKernel,
};

/** Why it cannot be tested here, or undefined. */
export function missingTool({ make, mount }: Foreign): string | undefined {
  const tools = [make[0], ...('command' in mount ? [mount.command] : [])];
  return tools.find((tool) => !onPath(tool));
}

export interface ForeignDisk {
  readonly dir: string;
  /** Copies the disk as it is at this moment. */
  readonly copyAsIs: () => void;
  /** Mounts the copy in its place: what a power cut at that moment would have left. */
  readonly cutPower: () => void;
  /** Unmounts and mounts it: nothing of it is in the page cache then. */
  readonly mountAnew: () => void;
  /** From now on nothing of the disk can be read, as of one that was pulled while mounted. */
  readonly pull: () => void;
  /** Unmounts it though it is in use, as desktops do once its disk is gone. */
  readonly unmountPulled: () => void;
  /**
   * As a drive that is pulled while it is written to: what the disk has is what it got so far, and
   * every further call fails. Of ext4 and xfs.
   */
  readonly cutOff: () => void;
  /** As the kernel does with an ext4 in which it meets an error; whatever is open for writing. */
  readonly makeReadOnly: () => void;
  /** Plugged in again, after `cutOff`, `makeReadOnly` or `unmountPulled`. */
  readonly plugIn: () => void;
  /** Plugged in again, after `pull`: mounted as it was. */
  readonly putBack: () => void;
  readonly close: () => void;
}

/** A fresh filesystem of another kind, mounted at `dir` until `close`. */
export function mountForeign(foreign: Foreign): ForeignDisk {
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  const dir = join(folder, 'mnt');
  mkdirSync(dir);
  const image = join(folder, 'disk.img');
  writeFileSync(image, '');
  truncateSync(image, 400 * 1024 * 1024);
  let device = attachLoop(image);
  const copy = join(folder, 'copy.img');
  const close = (): void => {
    // What a test failed with is told, not that it left the disk unmounted or away.
    if (isMounted(dir)) unmount(dir);
    detachLoop(device);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [command, ...args] = foreign.make;
    run(command, [...args, device]);
    mountAt(foreign, device, dir);
  } catch (error) {
    detachLoop(device);
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const copyAsIs = (): void => void run('cp', ['--sparse=always', image, copy]);
  const cutPower = (): void => {
    unmount(dir);
    detachLoop(device);
    device = attachLoop(copy);
    mountAt(foreign, device, dir);
  };
  const mountAnew = (): void => {
    unmount(dir);
    mountAt(foreign, device, dir);
  };
  const pull = (): void => {
    copyAsIs();
    truncateSync(image, 0);
  };
  const unmountPulled = (): void => void run('umount', ['-l', dir]);
  // Without a flush of the log: as the power goes.
  const cutOff = (): void => void run('xfs_io', ['-x', '-c', 'shutdown', dir]);
  const makeReadOnly = (): void => {
    run('mount', ['-o', 'remount,errors=remount-ro', dir]);
    writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, '1');
  };
  const pluggedIn = (meanwhile: () => void): void => {
    if (runOk('mountpoint', ['-q', dir])) unmountPulled();
    detachLoop(device);
    meanwhile();
    device = attachLoop(image);
    mountAt(foreign, device, dir);
  };
  const plugIn = (): void => pluggedIn(() => {});
  const putBack = (): void => pluggedIn(() => run('cp', ['--sparse=always', copy, image]));
  const pulling = { pull, unmountPulled, putBack, cutOff, makeReadOnly, plugIn };
  return { dir, copyAsIs, cutPower, mountAnew, ...pulling, close };
}

function mountAt({ mount }: Foreign, device: string, dir: string): void {
  if ('command' in mount) run(mount.command, [...(mount.options ?? []), device, dir]);
  else if (mount.type === 'tmpfs') run('mount', ['-t', 'tmpfs', 'none', dir]);
  else run('mount', ['-t', mount.type, device, dir]);
}

function runOk(command: string, args: readonly string[]): boolean {
  try {
    run(command, args);
    return true;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return false;
  }
}

function isMounted(dir: string): boolean {
  return readFileSync('/proc/self/mounts', 'utf8').includes(` ${dir} `);
}

function unmount(dir: string): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      run('umount', [dir]);
      return;
    } catch (error) {
      if (!(error instanceof CommandFailed) || attempt === 20) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}

/** Makes a snapshot of a plain folder again, on btrfs. */
export function sendBack(folder: string, into: string): void {
  mkdirSync(into, { recursive: true });
  const sink = openBtrfsSink(into, { nowMs: () => performance.now() });
  try {
    sendFolder(folder, sink);
  } catch (error) {
    sink.abort(error);
    throw error;
  }
  sink.finish();
}
