import type { Volume } from '../../../shared/model/volume.ts';

/**
 * Where a path from the volume's top level can be seen now: through the mount that shows the
 * most of the volume. Null when no mount shows it.
 */
export function mountedPathOf(volume: Pick<Volume, 'mounts'>, path: string): string | null {
  for (const mount of volume.mounts) {
    const root = mount.subvolume.replace(/^\//, '');
    if (path === root) return mount.path;
    const prefix = root === '' ? '' : `${root}/`;
    if (path.startsWith(prefix)) return joined(mount.path, path.slice(prefix.length));
  }
  return null;
}

/** The same, by a mount that can be written to. */
export function writablePathOf(volume: Pick<Volume, 'mounts'>, path: string): string | null {
  return mountedPathOf({ mounts: volume.mounts.filter((mount) => !mount.readOnly) }, path);
}

export function joined(folder: string, path: string): string {
  if (path === '') return folder;
  return folder.endsWith('/') ? `${folder}${path}` : `${folder}/${path}`;
}
