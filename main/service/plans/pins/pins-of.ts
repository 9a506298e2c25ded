import type { RestorePoint, Subvolume, SubvolumeRef } from '../../../../shared/model/subvolume.ts';
import type { Pin } from '../../../history/pins.ts';
import { streamUuid } from '../../../plan/parents.ts';
import type { Context } from '../../context.ts';
import { folderOf } from './note-pin.ts';
import { readMarks, type PinMark } from './marks.ts';

export interface PinFacts {
  readonly sourceUuid: string;
  readonly sourceVolumeId: string;
  /** Restore points of the source, newest first. */
  readonly points: readonly RestorePoint[];
  /** Of all volumes that are here. */
  readonly subvolumes: readonly Subvolume[];
  /** Where targets of the plan that are here keep marks. */
  readonly targetFolders: readonly string[];
}

const RUNNING = { state: 'running', offset: 0, limit: 1_000 } as const;

/**
 * Why points must stay whatever the rules say, by point: 'parent-of-next' for the newest point
 * that source and any other place share, present or away; 'being-sent'; 'in-use' while a run
 * restores or checks it; 'tagged'.
 */
export function pinsOf(
  facts: PinFacts,
  { history }: Pick<Context, 'history'>,
): ReadonlyMap<string, readonly string[]> {
  const pins = new Map<string, Set<string>>();
  const pin = (pointId: string, why: string): void => {
    pins.set(pointId, (pins.get(pointId) ?? new Set()).add(why));
  };
  const noted = new Map(history.pins.list(facts.sourceUuid).map((one) => [one.placeId, one]));
  for (const pointId of parents(facts, noted)) pin(pointId, 'parent-of-next');
  for (const send of history.interruptedSends.list()) {
    if (send.sourceVolumeId !== facts.sourceVolumeId) continue;
    for (const one of facts.subvolumes) {
      const isOfIt = [send.snapshotId, send.parentId].includes(one.subvolumeId);
      const uuid = streamUuid(one);
      if (isOfIt && uuid && one.volumeId === send.sourceVolumeId) pin(uuid, 'being-sent');
    }
  }
  for (const { source } of history.runs.list(RUNNING).runs) {
    const isIt = ({ volumeId, subvolumeId }: SubvolumeRef): boolean =>
      volumeId === source?.volumeId && subvolumeId === source.subvolumeId;
    for (const { pointId, copies } of facts.points) if (copies.some(isIt)) pin(pointId, 'in-use');
  }
  for (const { pointId, tag } of facts.points) if (tag !== undefined) pin(pointId, 'tagged');
  return new Map([...pins].map(([pointId, reasons]) => [pointId, [...reasons]]));
}

/** By what is there, by the history, and by the marks of both sides; what was let go is not. */
function parents(facts: PinFacts, noted: ReadonlyMap<string, Pin>): string[] {
  const isReleased = (placeId: string): boolean =>
    (noted.get(placeId)?.releasedAtMs ?? null) !== null;
  const newest = new Map<string, string>();
  for (const { pointId, copies } of facts.points) {
    if (!copies.some(({ volumeId }) => volumeId === facts.sourceVolumeId)) continue;
    for (const { volumeId } of copies) {
      const isOther = volumeId !== facts.sourceVolumeId && !isReleased(volumeId);
      if (isOther && !newest.has(volumeId)) newest.set(volumeId, pointId);
    }
  }
  const held = [...noted.values()].filter(({ placeId }) => !isReleased(placeId));
  const marked = foldersOf(facts)
    .flatMap(readMarks)
    .filter((one) => isOf(one, facts) && isNews(one, noted.get(one.placeId)));
  return [...newest.values(), ...[...held, ...marked].map(({ pointId }) => pointId)];
}

/** Marks of before a rollback name the subvolume that stood there then. */
function isOf({ sourceUuid, pointId }: PinMark, facts: PinFacts): boolean {
  return sourceUuid === facts.sourceUuid || facts.points.some((one) => one.pointId === pointId);
}

/**
 * The history knows better than a mark that could not be written any more; but it may be an older
 * copy of itself, which was put back.
 */
function isNews({ sentAtMs }: PinMark, known: Pin | undefined): boolean {
  if (known === undefined) return true;
  return sentAtMs > Math.max(known.sentAtMs, known.releasedAtMs ?? -Infinity);
}

/** Where marks may be: beside the source's snapshots, and at the targets. */
export function foldersOf({
  sourceUuid,
  sourceVolumeId,
  subvolumes,
  targetFolders,
}: Omit<PinFacts, 'points'>): string[] {
  const local = subvolumes.flatMap(({ volumeId, parentUuid, mountedPath }) =>
    volumeId === sourceVolumeId && parentUuid === sourceUuid && mountedPath !== null
      ? [folderOf(mountedPath)]
      : [],
  );
  return [...new Set([...local, ...targetFolders])];
}
