import type { PlanSource } from '../../../shared/model/plan.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { Context } from '../context.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';

/** A writable subvolume that a plan backs up. */
export interface Member {
  readonly known: KnownVolume;
  readonly subvolume: Subvolume;
}

export interface Members {
  readonly members: readonly Member[];
  readonly missing: readonly PlanSource[];
}

/**
 * The subvolumes that the sources of a plan stand for now, each once: the source itself and,
 * where it is asked for, those nested in it. After a rollback that put another subvolume in its
 * place a source is found by its path.
 */
export async function membersOf(
  sources: readonly PlanSource[],
  { volumes, points, history }: Pick<Context, 'volumes' | 'points' | 'history'>,
): Promise<Members> {
  const found = new Map<string, Member>();
  const missing: PlanSource[] = [];
  const { snapshotFolder } = history.settings.get();
  for (const source of sources) {
    const known = await volumes.get(source.volumeId).catch(() => undefined);
    const all = known ? await points.subvolumes(known) : [];
    const own = sourceIn(all, source);
    if (!known || !own) missing.push(source);
    else {
      const below = source.nested ? nestedIn(all, own, snapshotFolder) : [];
      for (const subvolume of [own, ...below]) {
        found.set(`${source.volumeId}/${subvolume.subvolumeId}`, { known, subvolume });
      }
    }
  }
  return { members: [...found.values()], missing };
}

function sourceIn(all: readonly Subvolume[], source: PlanSource): Subvolume | undefined {
  const byId = all.find((one) => one.subvolumeId === source.subvolumeId);
  const byPath = all.find((one) => one.path === source.path && !one.readOnly);
  // Snapper and Timeshift roll back by moving the old subvolume aside.
  if (source.path !== '' && byId?.path !== source.path && byPath) return byPath;
  return byId;
}

/** Writable ones below it that are files of somebody, not snapshots and not half-received. */
export function nestedIn(
  all: readonly Subvolume[],
  source: Subvolume,
  folder: string,
): Subvolume[] {
  const prefix = source.path === '' ? '' : `${source.path}/`;
  return all.filter((one) => {
    if (one === source || one.readOnly || !one.whole || one.receivedUuid !== null) return false;
    if (!one.path.startsWith(prefix) || one.path === '') return false;
    const names = one.path.slice(prefix.length).split('/');
    return !names.some((name) => name === folder || name === '.snapshots');
  });
}
