import { DendroError } from '../../../shared/errors.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { InterruptedSend, SendRoute } from '../../history/interrupted-sends.ts';
import type { Context } from '../context.ts';
import type { Route } from './route.ts';

/** A backup that stopped half-way and can go on. */
export interface Unfinished {
  readonly snapshot: Subvolume;
  readonly parent: Subvolume | null;
  /** Applied at the target already. */
  readonly commands: number;
}

/**
 * What the last try left, if all of it still stands: the snapshot, its parent, and what had
 * arrived. Otherwise what is left of it is cleared: put in place when it is complete, else
 * removed.
 */
export async function unfinishedOn(
  route: Route,
  context: Context,
): Promise<Unfinished | undefined> {
  const known = context.history.interruptedSends.get(keyOf(route));
  if (!known) return undefined;
  const found = await standing(route, known, context);
  if (found) return found;
  await clear(route, known.leftoverKey, context);
  return undefined;
}

async function standing(
  route: Route,
  known: InterruptedSend,
  { withEngine }: Context,
): Promise<Unfinished | undefined> {
  const at = (id: number): Subvolume | undefined =>
    route.local.find((one) => one.subvolumeId === id && one.readOnly);
  const snapshot = at(known.snapshotId);
  const parent = known.parentId === null ? null : at(known.parentId);
  if (snapshot?.uuid !== known.snapshotUuid || parent === undefined) return undefined;
  const { fingerprint, leftover } = await withEngine((engine) =>
    engine.run('transferState', transferOf(route, snapshot, parent)),
  );
  if (!leftover?.isTransfer || leftover.isComplete || leftover.commands <= 1) return undefined;
  const isSame = fingerprint === known.fingerprint && leftover.beganAtMs >= known.beganAtMs;
  return isSame ? { snapshot, parent, commands: leftover.commands } : undefined;
}

/** Notes a send before it begins: however it ends, the next try knows of it. */
export async function noteBegun(
  route: Route,
  snapshot: Subvolume,
  parent: Subvolume | null,
  { history, withEngine, nowMs }: Context,
): Promise<void> {
  const { fingerprint, key } = await withEngine((engine) =>
    engine.run('transferState', transferOf(route, snapshot, parent)),
  );
  history.interruptedSends.record({
    ...keyOf(route),
    snapshotId: snapshot.subvolumeId,
    snapshotUuid: snapshot.uuid!,
    parentId: parent?.subvolumeId ?? null,
    fingerprint,
    // The target tells the time in whole seconds.
    beganAtMs: Math.floor(nowMs() / 1_000) * 1_000,
    leftoverKey: key,
  });
}

export function noteEnded(route: Route, { history }: Context): void {
  history.interruptedSends.forget(keyOf(route));
}

/** After a cancel: nobody wants what has arrived. */
export async function discardBegun(route: Route, context: Context): Promise<void> {
  const known = context.history.interruptedSends.get(keyOf(route));
  if (known) await clear(route, known.leftoverKey, context);
}

async function clear(route: Route, key: string, context: Context): Promise<void> {
  const { folder } = route;
  noteEnded(route, context);
  await context
    .withEngine((engine) => engine.run('clearTransfer', { folder, key }))
    .catch((error: unknown) => {
      // A drive that fails keeps it; `dendro leftovers` shows it when it is back.
      if (!(error instanceof DendroError)) throw error;
    });
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
