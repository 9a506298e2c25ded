import {
  chmodSync,
  cpSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DEBIAN_ARCH, type Arch } from '../build/architecture.ts';
import { layStandalone } from '../build/program-tree.ts';
import { writeSbom } from '../build/sbom.ts';
import { APT_HOOK, SYSTEM_FILES, ZSH_DEBIAN } from './system-files.ts';

export interface DebPlan {
  readonly top: string;
  readonly arch: Arch;
  readonly version: string;
  /** Seconds since 1970: the time of every file in the package. */
  readonly epoch: number;
  /** A program that is packed in the place of the one from nodejs.org. */
  readonly ownNode?: string | undefined;
}

const DESCRIPTION = `backup manager for btrfs, command line and service
 Dendro reads btrfs snapshots off the block device, sends what changed to another
 drive, another computer or a folder of files, and brings any of it back.
 .
 This package has no window: it is the command line, the service that carries
 plans out, and the page for a browser (dendro serve). It brings its own Node.`;

/** Lays everything that belongs into the headless package below `target`, as dpkg-deb takes it. */
export function layPackage(target: string, plan: DebPlan): void {
  const { top, arch } = plan;
  layStandalone(top, join(target, 'usr'), arch, plan.ownNode);
  for (const [source, place] of [...SYSTEM_FILES, ZSH_DEBIAN, APT_HOOK]) {
    lay(join(top, source), join(target, place));
  }
  for (const name of readdirSync(join(top, 'out/manual/man1'))) {
    const page = readFileSync(join(top, 'out/manual/man1', name));
    write(join(target, 'usr/share/man/man1', `${name}.gz`), packed(page));
  }
  layDocuments(target, plan);
  layControl(target, plan);
  settle(target, plan.epoch);
}

function layDocuments(target: string, { top, epoch, arch }: DebPlan): void {
  const folder = join(target, 'usr/share/doc/dendro-headless');
  lay(join(top, 'LICENSE'), join(folder, 'copyright'));
  write(join(folder, 'changelog.gz'), packed(readFileSync(join(top, 'CHANGELOG.md'))));
  cpSync(join(top, 'docs'), join(folder, 'docs'), {
    recursive: true,
    filter: (path) => !path.endsWith('.png'),
  });
  for (const name of ['pacman.hook', 'dnf5.actions']) {
    lay(join(top, 'packaging/hooks', name), join(folder, 'examples', name));
  }
  writeSbom(top, join(folder, 'sbom.cdx.json'), { epoch, arch });
}

function layControl(target: string, { top, arch, version }: DebPlan): void {
  const folder = join(target, 'DEBIAN');
  for (const name of ['postinst', 'prerm', 'postrm']) {
    lay(join(top, 'packaging/deb/scripts', name), join(folder, name));
  }
  write(join(folder, 'conffiles'), `/${APT_HOOK[1]}\n`);
  const sizeKiB = Math.ceil(sizeBytes(target) / 1_024);
  const fields = [
    'Package: dendro-headless',
    `Version: ${version}`,
    `Architecture: ${DEBIAN_ARCH[arch]}`,
    'Maintainer: Dendro contributors <dendro@example.invalid>',
    `Installed-Size: ${sizeKiB}`,
    // Node's program asks for these (readelf -d); getent and groupadd are in the others.
    'Depends: libc6 (>= 2.28), libstdc++6, libgcc-s1, passwd, mount, util-linux',
    'Recommends: btrfs-progs, udev',
    'Suggests: udisks2, cryptsetup-bin, openssh-client, polkitd | policykit-1',
    'Provides: dendro',
    'Conflicts: dendro',
    'Replaces: dendro',
    'Section: admin',
    'Priority: optional',
    `Description: ${DESCRIPTION}`,
  ];
  write(join(folder, 'control'), `${fields.join('\n')}\n`);
}

function lay(source: string, place: string): void {
  write(place, readFileSync(source));
  chmodSync(place, statSync(source).mode & 0o111 ? 0o755 : 0o644);
}

function write(place: string, content: string | Uint8Array): void {
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, content);
}

/** Without a name or time in it: the same bytes each time. */
function packed(content: Uint8Array): Buffer {
  return gzipSync(content, { level: 9 });
}

function sizeBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** One time and one set of modes for everything, whatever the umask and the checkout. */
function settle(folder: string, epoch: number): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) settle(path, epoch);
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o111 ? 0o755 : 0o644);
    lutimesSync(path, epoch, epoch);
  }
  chmodSync(folder, 0o755);
  lutimesSync(folder, epoch, epoch);
}
