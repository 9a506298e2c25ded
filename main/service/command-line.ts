import type { Subvolume } from '../../shared/model/subvolume.ts';
import type { RestoreInput } from '../engine/verbs/restore.ts';
import type { Route } from './backup/route.ts';

/** What a person would type for a backup. */
export function backupCommand(
  { from, folder }: Pick<Route, 'from' | 'folder'>,
  snapshot: Subvolume,
  parent: Subvolume | null,
): string {
  const device = from.input.devices[0]!;
  const against = parent === null ? [] : ['-p', placeText(device, parent)];
  const send = ['dendro', 'send', '--compressed-data', ...against, placeText(device, snapshot)];
  return `${shell(send)} | ${shell(['dendro', 'receive', folder])}`;
}

/** What a person would type for a restore; `kind` says where it goes. */
export function restoreCommand(
  { volume, items, folder, clash = 'keep-both' }: RestoreInput,
  kind: 'original' | 'beside' | 'folder',
  top = '',
): string {
  const places = items.map(
    ({ from }) => `${volume.devices[0]!}:/${[top, from].filter(Boolean).join('/')}`,
  );
  const how = clash === 'keep-both' ? [] : [`--clash=${clash}`];
  const option = kind === 'original' ? ['--in-place', `--clash=${clash}`] : ['--beside'];
  return kind === 'folder'
    ? shell(['dendro', 'restore', ...how, ...places, folder])
    : shell(['dendro', 'restore', ...option, ...places]);
}

function placeText(device: string, { mountedPath, path }: Subvolume): string {
  return mountedPath ?? `${device}:/${path}`;
}

/** Words for a POSIX shell: quoted unless they are plain. */
export function shell(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
