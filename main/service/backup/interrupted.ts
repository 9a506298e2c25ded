import { DendroError } from '../../../shared/errors.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { SendRoute } from '../../history/interrupted-sends.ts';
import type { Context } from '../context.ts';
import type { Route } from './route.ts';

/** A backup that failed half-way and can go on. */
export interface Unfinished {
  readonly snapshot: Subvolume;
  readonly parent: Subvolume | null;
  /** Applied at the target already. */
  readonly commands: number;
}

/** What the last try left, if all of it still stands: snapshot, parent, and what was received. */
export async function unfinishedOn(
  route: Route,
  { history, withEngine }: Context,
): Promise<Unfinished | undefined> {
  const known = history.interruptedSends.get(keyOf(route));
  if (!known) return undefined;
  const { snapshotId, snapshotUuid, parentId, fingerprint, beganAtMs } = known;
  const at = (id: number): Subvolume | undefined =>
    route.local.find((one) => one.subvolumeId === id && one.readOnly);
  const snapshot = at(snapshotId);
  const parent = parentId === null ? null : at(parentId);
  if (snapshot?.uuid !== snapshotUuid || parent === undefined) return undefined;
  const state = await withEngine((engine) =>
    engine.run('transferState', transferOf(route, snapshot, parent)),
  );
  const isSame = state?.fingerprint === fingerprint && state.beganAtMs === beganAtMs;
  return isSame ? { snapshot, parent, commands: state.commands } : undefined;
}

/** Notes how far a send came that has just failed, so that the next try goes on there. */
export async function noteUnfinished(
  route: Route,
  snapshot: Subvolume,
  parent: Subvolume | null,
  { history, withEngine }: Context,
): Promise<boolean> {
  const state = await withEngine((engine) =>
    engine.run('transferState', transferOf(route, snapshot, parent)),
  ).catch((error: unknown) => {
    // The drive that failed may not answer at all: then there is nothing to note.
    if (error instanceof DendroError) return null;
    throw error;
  });
  if (state === null || snapshot.uuid === null) return false;
  const { fingerprint, beganAtMs } = state;
  history.interruptedSends.record({
    ...keyOf(route),
    snapshotId: snapshot.subvolumeId,
    snapshotUuid: snapshot.uuid,
    parentId: parent?.subvolumeId ?? null,
    fingerprint,
    beganAtMs,
  });
  return true;
}

export function forgetUnfinished(route: Route, { history }: Context): void {
  history.interruptedSends.forget(keyOf(route));
}

export function transferOf(route: Route, snapshot: Subvolume, parent: Subvolume | null) {
  return {
    volume: route.from.input,
    snapshotId: snapshot.subvolumeId,
    parentId: parent?.subvolumeId ?? null,
    folder: route.folder,
  };
}

function keyOf({ from, source, to, folder }: Route): SendRoute {
  return {
    sourceVolumeId: from.volume.volumeId,
    sourceSubvolumeId: source.subvolumeId,
    targetVolumeId: to.volume.volumeId,
    folder,
  };
}
