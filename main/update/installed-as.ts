import { existsSync } from 'node:fs';
import type { PackageKind } from '../../shared/model/update.ts';

/** How this Dendro came onto the computer: what an update of it has to be. */
export interface Installed {
  readonly kind: PackageKind | null;
  /** The file that an AppImage runs from. */
  readonly appImage: string | null;
}

/** Files of the packages' own lists: dpkg's, and where rpm keeps its database. */
const DPKG = '/var/lib/dpkg/info';
const RPM = ['/usr/lib/sysimage/rpm', '/var/lib/rpm'];

/** Null where it runs from a checkout or an unpacked archive: there it is replaced by hand. */
export function installedAs(
  environment: NodeJS.ProcessEnv,
  program: string,
  exists: (path: string) => boolean = existsSync,
): Installed {
  const { APPIMAGE } = environment;
  if (APPIMAGE?.startsWith('/')) return { kind: 'appimage', appImage: APPIMAGE };
  const kind = ((): PackageKind | null => {
    if (!program.startsWith('/usr/') && !program.startsWith('/opt/')) return null;
    if (exists(`${DPKG}/dendro-headless.list`)) return 'headless-deb';
    if (exists(`${DPKG}/dendro.list`)) return 'deb';
    return RPM.some(exists) ? 'rpm' : null;
  })();
  return { kind, appImage: null };
}

/** What a person types to install the package; nobody else does. Words, the first the program. */
export function installCommand(path: string, kind: PackageKind, { appImage }: Installed): string[] {
  switch (kind) {
    case 'deb':
    case 'headless-deb':
      return ['sudo', 'apt', 'install', path];
    case 'rpm':
      return ['sudo', 'dnf', 'install', path];
    case 'appimage':
      return ['install', '-m', '755', path, appImage ?? 'Dendro.AppImage'];
    case 'tar.gz':
      return ['tar', '-xf', path];
  }
}
