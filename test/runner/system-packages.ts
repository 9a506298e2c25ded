import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { onPath } from '../harness/kernel.ts';
import { CommandFailed, run } from '../harness/run.ts';

export interface SystemTool {
  /** Any of these commands will do. */
  readonly commands: readonly string[];
  /** The package on Debian and Ubuntu. */
  readonly package: string;
}

export const btrfsProgs: SystemTool = { commands: ['mkfs.btrfs'], package: 'btrfs-progs' };

/** What the tests use and Node does not bring. */
export const testTools: readonly SystemTool[] = [
  btrfsProgs,
  { commands: ['chromium', 'chromium-browser', 'google-chrome'], package: 'chromium' },
  { commands: ['setfattr'], package: 'attr' },
  { commands: ['mkfs.ext4'], package: 'e2fsprogs' },
  { commands: ['mkfs.xfs'], package: 'xfsprogs' },
  { commands: ['mkfs.exfat'], package: 'exfatprogs' },
  { commands: ['mount.exfat-fuse'], package: 'exfat-fuse' },
  { commands: ['mkfs.ntfs'], package: 'ntfs-3g' },
  { commands: ['mkfs.vfat'], package: 'dosfstools' },
  { commands: ['fusefat'], package: 'fusefat' },
  { commands: ['age'], package: 'age' },
  { commands: ['zstd'], package: 'zstd' },
  { commands: ['xz'], package: 'xz-utils' },
  { commands: ['dbus-daemon'], package: 'dbus-daemon' },
  { commands: ['udisksctl'], package: 'udisks2' },
  { commands: ['cryptsetup'], package: 'cryptsetup-bin' },
  { commands: ['snapper'], package: 'snapper' },
  { commands: ['btrbk'], package: 'btrbk' },
  { commands: ['zstd'], package: 'zstd' },
  { commands: ['ssh'], package: 'openssh-client' },
  { commands: ['sshd'], package: 'openssh-server' },
  { commands: ['mandoc'], package: 'mandoc' },
  { commands: ['zsh'], package: 'zsh' },
  { commands: ['fish'], package: 'fish' },
  { commands: ['desktop-file-validate'], package: 'desktop-file-utils' },
  { commands: ['appstreamcli'], package: 'appstream' },
  { commands: ['update-mime-database'], package: 'shared-mime-info' },
  { commands: ['xmllint'], package: 'libxml2-utils' },
];

/**
 * Installs what is missing, as root on Debian and Ubuntu; elsewhere says what to run. Returns
 * the packages that are still missing: not a failure yet, the tests that need them say so.
 */
export async function installMissing(tools: readonly SystemTool[]): Promise<readonly string[]> {
  const missing = () => tools.filter((tool) => !tool.commands.some(onPath));
  const packages = missing().map((tool) => tool.package);
  if (packages.length === 0) return [];
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.log(`Not installed: ${packages.join(', ')}.`);
    console.log(`On Debian and Ubuntu: sudo apt-get install ${packages.join(' ')}`);
    return packages;
  }
  console.log(`Installing with apt-get: ${packages.join(' ')}`);
  await aptGet(['update']);
  // One at a time: a package that this system does not have must not keep the others away.
  for (const name of packages) await aptGet(['install', '-y', '--no-install-recommends', name]);
  return missing().map((tool) => tool.package);
}

const LOCK_TRIES = 60;

async function aptGet(args: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      run('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=600', ...args], {
        env: { DEBIAN_FRONTEND: 'noninteractive' },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      return;
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      // Another apt is at work; apt itself waits for dpkg's lock only, not for its lists'.
      if (!/could not get lock|unable to lock/i.test(error.stderr) || attempt === LOCK_TRIES) {
        console.log(error.message);
        return;
      }
      await sleep(10_000);
    }
  }
}
