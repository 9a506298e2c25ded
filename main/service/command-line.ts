import type { Subvolume } from '../../shared/model/subvolume.ts';
import type { Clash, RestoreItem } from '../engine/restore/placements.ts';
import type { Way } from './backup/plan-backup.ts';
import type { Route } from './backup/route.ts';
import type { KnownVolume } from './volumes/volume-book.ts';

/** What a person would type for a backup. */
export function backupCommand(
  { from, folder, excludes }: Pick<Route, 'from' | 'folder' | 'excludes'>,
  snapshot: Subvolume,
  way: Way,
): string {
  const options = sendOptions(from, way, excludes);
  const place = placeText(from.input.devices[0]!, snapshot);
  const send = ['dendro', 'send', '--compressed-data', ...options, place];
  return `${shell(send)} | ${shell(['dendro', 'receive', folder])}`;
}

/** The same to another computer. */
export function remoteBackupCommand(
  from: KnownVolume,
  snapshot: Subvolume,
  way: Way,
  excludes: readonly string[],
  { url, configFile }: { readonly url: string; readonly configFile: string },
): string {
  const ssh = configFile === '' ? [] : ['--ssh-config', configFile];
  const options = [...sendOptions(from, way, excludes), ...ssh, '--to', url];
  return shell(['dendro', 'send', ...options, placeText(from.input.devices[0]!, snapshot)]);
}

function sendOptions(
  { input }: KnownVolume,
  { parent, parentExcludes }: Way,
  excludes: readonly string[],
): string[] {
  const without = excludes.flatMap((pattern) => ['--exclude', pattern]);
  if (parent === null) return without;
  const known = parentExcludes.length === 0 && excludes.length > 0 ? [''] : parentExcludes;
  const ofParent = known.flatMap((pattern) => ['--parent-exclude', pattern]);
  return ['-p', placeText(input.devices[0]!, parent), ...without, ...ofParent];
}

/**
 * What a person would type for a restore.
 * @param placeOf how something in the point is named, by its path; '' is all of it
 * @param kind says where it goes
 */
export function restoreCommand(
  {
    items,
    folder,
    clash = 'keep-both',
  }: {
    readonly items: readonly RestoreItem[];
    readonly folder: string;
    readonly clash?: Clash;
  },
  kind: 'original' | 'beside' | 'folder',
  placeOf: (path: string) => string,
): string {
  const places = items.map(({ from }) => placeOf(from));
  const how = clash === 'keep-both' ? [] : [`--clash=${clash}`];
  const option = kind === 'original' ? ['--in-place', `--clash=${clash}`] : ['--beside'];
  return kind === 'folder'
    ? shell(['dendro', 'restore', ...how, ...places, folder])
    : shell(['dendro', 'restore', ...option, ...places]);
}

/** How the command line names something in a point of an archive. */
export function archivedText(
  { folder, point }: { readonly folder: string; readonly point: string },
  path: string,
): string {
  return `${folder}:${point}${path === '' ? '' : `:/${path}`}`;
}

/** How the command line names a subvolume: where it is seen, else by its device. */
export function placeText(device: string, { mountedPath, path }: Subvolume): string {
  return mountedPath ?? `${device}:/${path}`;
}

/** Words for a POSIX shell: quoted unless they are plain. */
export function shell(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
