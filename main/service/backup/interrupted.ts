import { DendroError } from '../../../shared/errors.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import { sentUuid } from '../../engine/send-identity.ts';
import { streamUuid } from '../../plan/parents.ts';
import type { InterruptedSend, SendRoute } from '../../history/interrupted-sends.ts';
import type { Context } from '../context.ts';
import { IN_FULL, type Way } from './plan-backup.ts';
import type { Route } from './route.ts';

/** A backup that stopped half-way and can go on. */
export interface Unfinished {
  readonly snapshot: Subvolume;
  readonly way: Way;
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
  { withEngine, history }: Context,
): Promise<Unfinished | undefined> {
  const at = (id: number): Subvolume | undefined =>
    route.local.find((one) => one.subvolumeId === id && one.readOnly);
  const snapshot = at(known.snapshotId);
  const parent = known.parentId === null ? null : at(known.parentId);
  if (snapshot?.uuid !== known.snapshotUuid || parent === undefined) return undefined;
  for (const way of waysFrom(parent, history)) {
    const { fingerprint, leftover } = await withEngine((engine) =>
      engine.run('transferState', transferOf(route, snapshot, way)),
    );
    if (fingerprint !== known.fingerprint || !leftover?.isTransfer) continue;
    if (leftover.isComplete || leftover.commands <= 1) continue;
    if (leftover.beganAtMs < known.beganAtMs) continue;
    return { snapshot, way, commands: leftover.commands };
  }
  return undefined;
}

/** As whole as it may be at the target, and in each other form in which it was sent. */
function waysFrom(parent: Subvolume | null, { sentWithout }: Context['history']): Way[] {
  if (parent === null) return [IN_FULL];
  const forms = sentWithout.of(streamUuid(parent)!);
  return [[], ...forms.map(({ excludes }) => excludes)].map((parentExcludes) => ({
    parent,
    parentExcludes,
  }));
}

/** Notes a send before it begins: however it ends, the next try knows of it. */
export async function noteBegun(
  route: Route,
  snapshot: Subvolume,
  way: Way,
  { history, withEngine, nowMs }: Context,
): Promise<void> {
  const { fingerprint, key } = await withEngine((engine) =>
    engine.run('transferState', transferOf(route, snapshot, way)),
  );
  noteForm(snapshot, route.excludes, history);
  history.interruptedSends.record({
    ...keyOf(route),
    snapshotId: snapshot.subvolumeId,
    snapshotUuid: snapshot.uuid!,
    parentId: way.parent?.subvolumeId ?? null,
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

/**
 * Before anything is sent without some paths: what arrives is known again as the same point,
 * however the sending ends.
 */
export function noteForm(
  snapshot: Subvolume,
  excludes: readonly string[],
  { sentWithout }: Pick<Context['history'], 'sentWithout'>,
): void {
  const pointId = streamUuid(snapshot)!;
  const uuid = sentUuid(pointId, excludes);
  if (uuid !== pointId) sentWithout.record({ uuid, pointId, excludes });
}

export function transferOf(route: Route, snapshot: Subvolume, { parent, parentExcludes }: Way) {
  return {
    volume: route.from.input,
    snapshotId: snapshot.subvolumeId,
    parentId: parent?.subvolumeId ?? null,
    excludes: route.excludes,
    parentExcludes,
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
