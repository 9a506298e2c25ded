import { conflict, denied } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { BackupTarget } from '../../../shared/model/backup.ts';
import type { Subvolume, SubvolumeRef } from '../../../shared/model/subvolume.ts';
import type { Context } from '../context.ts';
import { findSubvolume } from '../handlers/snapshots.ts';
import { joined } from '../volumes/mounted-path.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';
import { sourceIsTarget } from './source-is-target.ts';

/** From where to where a backup goes, all of it checked to be here. */
export interface Route {
  readonly from: KnownVolume;
  readonly source: Subvolume;
  readonly local: readonly Subvolume[];
  readonly to: KnownVolume;
  /** Absolute path of the folder that receives. */
  readonly folder: string;
  readonly remote: readonly Subvolume[];
  /** Patterns of gitignore(5): not sent. */
  readonly excludes: readonly string[];
}

/** @throws Conflict when source or target are not here or cannot be used as such; Denied */
export async function routeOf(
  source: SubvolumeRef,
  target: BackupTarget,
  context: Context,
  excludes: readonly string[] = [],
): Promise<Route> {
  const { known: from, subvolume, subvolumes: local } = await findSubvolume(source, context);
  const to = await context.volumes.get(target.volumeId);
  if (from.volume.fsid === to.volume.fsid) throw sourceIsTarget(to.volume.name);
  if (to.volume.problem) throw unreadable(to);
  const mount = to.volume.mounts.find((one) => !one.readOnly);
  if (!mount) throw notWritable(to);
  const remote = await context.points.subvolumes(to);
  context.points.learnForms(remote);
  const folder = joined(mount.path, target.folder);
  return { from, source: subvolume, local, to, folder, remote, excludes };
}

function unreadable({ volume }: KnownVolume): Error {
  const { kind, message, hint, code, values } = volume.problem!;
  const make = kind === 'Denied' ? denied : conflict;
  return make(kind === 'Denied' ? code : 'target-unreadable', message, { hint, values });
}

function notWritable({ volume }: KnownVolume): Error {
  const isMounted = volume.mounts.length > 0;
  return conflict(
    isMounted ? 'target-read-only' : 'not-mounted',
    say`${{ name: printable(volume.name) }} is ${isMounted ? 'mounted read-only' : 'not mounted'}.`,
    { hint: isMounted ? 'Mount it so that it can be written to.' : 'Mount it, and try again.' },
  );
}
