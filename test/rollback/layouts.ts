import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';

/** How a distribution lays its system out, and how its boot finds it. */
export interface Layout {
  readonly name: string;
  /** The system's subvolume, from the top level. */
  readonly root: string;
  /** Other subvolumes, in the order in which they are made. */
  readonly others: readonly string[];
  /** Below the system's top: subvolumes nested in it. */
  readonly nested: readonly string[];
  /** Where snapshots are kept. */
  readonly point: string;
  /** As after `mount -o` at boot; '' mounts the default subvolume. */
  readonly bootOptions: string;
  readonly isBootInTree: boolean;
  /** Path below /boot, and text, of what the boot loader reads. */
  readonly loader: readonly [path: string, text: string];
  readonly kernel: string;
}

export const LAYOUTS: readonly Layout[] = [
  {
    name: 'Fedora',
    root: 'root',
    others: ['home'],
    nested: ['var/lib/machines'],
    point: 'root.point',
    bootOptions: 'subvol=root',
    isBootInTree: false,
    loader: [
      'loader/entries/abc-6.5.0.conf',
      'title Fedora\nlinux /vmlinuz-6.5.0\noptions root=UUID=1 ro rootflags=subvol=root rhgb\n',
    ],
    kernel: 'vmlinuz-6.5.0',
  },
  {
    name: 'openSUSE',
    root: '@/.snapshots/1/snapshot',
    others: ['@/home', '@/var'],
    nested: [],
    point: '@/.snapshots/2/snapshot',
    bootOptions: '',
    isBootInTree: true,
    loader: ['grub2/grub.cfg', 'linux /boot/vmlinuz-6.5.0 root=UUID=1 splash=silent\n'],
    kernel: 'vmlinuz-6.5.0',
  },
  {
    name: 'Ubuntu and Mint',
    root: '@',
    others: ['@home'],
    nested: ['var/lib/portables', 'var/lib/machines'],
    point: 'timeshift-btrfs/snapshots/2026-11-01_10-00-01/@',
    bootOptions: 'subvol=@',
    isBootInTree: true,
    loader: [
      'grub/grub.cfg',
      'linux /@/boot/vmlinuz-6.5.0 root=UUID=1 ro rootflags=subvol=@ quiet\n',
    ],
    kernel: 'vmlinuz-6.5.0',
  },
  {
    name: 'Arch',
    root: '@',
    others: ['@home', '@log', '@pkg', '@.snapshots'],
    nested: ['var/lib/machines'],
    point: '@.snapshots/1',
    bootOptions: 'subvol=/@',
    isBootInTree: false,
    loader: [
      'loader/entries/arch.conf',
      'title Arch\nlinux /vmlinuz-linux\noptions root=PARTUUID=1 rootflags=subvol=@ rw rootfstype=btrfs\n',
    ],
    kernel: 'vmlinuz-linux',
  },
  {
    name: 'Debian',
    root: '@rootfs',
    others: [],
    nested: [],
    point: 'point',
    bootOptions: 'subvol=@rootfs',
    isBootInTree: true,
    loader: [
      'grub/grub.cfg',
      'linux /@rootfs/boot/vmlinuz-6.5.0 root=UUID=1 ro rootflags=subvol=@rootfs\n',
    ],
    kernel: 'vmlinuz-6.5.0',
  },
];

export const VERSION = '6.5.0';

/**
 * Lays the mounted top level out so, takes the point, and goes on changing: `version` says
 * which state is seen. Returns the folder that stands for a /boot of its own, or undefined.
 */
export function makeSystem(fs: TestBtrfs, layout: Layout, bootFolder: string): void {
  const top = fs.dir;
  if (layout.root.includes('/.snapshots/')) {
    subvolume(join(top, '@'));
    subvolume(join(top, '@/.snapshots'));
  }
  for (const other of layout.others) subvolume(join(top, other));
  const root = join(top, layout.root);
  subvolume(root);
  put(join(root, 'version'), 'then');
  put(join(root, 'etc/fstab'), fstab(layout));
  put(join(root, `usr/lib/modules/${VERSION}/modules.dep`), '');
  const boot = layout.isBootInTree ? join(root, 'boot') : bootFolder;
  put(join(boot, layout.loader[0]), layout.loader[1]);
  put(join(boot, layout.kernel), kernelImage());
  for (const nested of layout.nested) {
    subvolume(join(root, nested));
    put(join(root, nested, 'inside'), nested);
  }
  if (layout.bootOptions === '') setDefault(top, layout.root);
  mkdirSync(dirname(join(top, layout.point)), { recursive: true });
  run('btrfs', ['subvolume', 'snapshot', '-r', root, join(top, layout.point)]);
  put(join(root, 'version'), 'now');
  put(join(root, 'only-now'), 'now');
}

function fstab({ bootOptions, isBootInTree }: Layout): string {
  const options = bootOptions === '' ? 'defaults' : `defaults,${bootOptions}`;
  const boot = isBootInTree ? '' : 'UUID=2 /boot ext4 defaults 1 2\n';
  return `# made by the installer\nUUID=1 / btrfs ${options} 0 0\n${boot}UUID=1 /home btrfs subvol=home 0 0\n`;
}

/** The head of an x86 boot image that says its version (Documentation/arch/x86/boot.rst). */
function kernelImage(): Buffer {
  const image = Buffer.alloc(4096);
  image.write('HdrS', 0x202, 'latin1');
  image.writeUInt16LE(0x600, 0x20e);
  image.write(`${VERSION} (builder@host) #1 SMP\0`, 0x800, 'latin1');
  return image;
}

function subvolume(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  run('btrfs', ['subvolume', 'create', path]);
}

function setDefault(top: string, path: string): void {
  const id = runText('btrfs', ['inspect-internal', 'rootid', join(top, path)]);
  run('btrfs', ['subvolume', 'set-default', id, top]);
}

function put(path: string, text: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
