import type { Volume } from '../../shared/model/volume.ts';
import { shellWord } from './shell-word.ts';

/**
 * How the command line names something on a volume: by where it is mounted, else by its device,
 * `/dev/sda1:/home`. As one word of a shell; '' while the volume is not known.
 */
export function placeWord(
  volumes: readonly Volume[] | undefined,
  { volumeId, path }: { readonly volumeId: string; readonly path: string },
  inside = '',
): string {
  const volume = volumes?.find((one) => one.volumeId === volumeId);
  if (volume === undefined) return '';
  const below = inside === '' ? '' : `/${inside}`;
  const mounted = mountedAt(volume, path);
  if (mounted !== null) return shellWord(`${mounted}${below}`);
  const device = volume.devices.find((one) => one.path !== null)?.path;
  return device ? shellWord(`${device}:/${path}${below}`) : '';
}

/** Null when no mount shows it. */
function mountedAt({ mounts }: Volume, path: string): string | null {
  for (const mount of mounts) {
    const root = mount.subvolume.replace(/^\//, '');
    if (path === root) return mount.path;
    const prefix = root === '' ? '' : `${root}/`;
    if (path.startsWith(prefix))
      return `${mount.path.replace(/\/$/, '')}/${path.slice(prefix.length)}`;
  }
  return null;
}
