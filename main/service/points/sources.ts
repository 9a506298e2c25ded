import type { FarContact } from '../../../shared/model/health.ts';
import type { RestorePoint, Source, Subvolume } from '../../../shared/model/subvolume.ts';
import { placeBeforeKept } from '../../engine/rollback/path-names.ts';
import type { SourcePoints } from '../../history/source-points.ts';
import { healthOf, newestByClock } from '../../plan/health.ts';
import { withoutTime } from '../backup/snapshot-name.ts';
import { isForeignWritable } from './classify.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';

export interface SourceFacts {
  readonly volumes: readonly KnownVolume[];
  readonly subvolumes: readonly Subvolume[];
  readonly nowMs: number;
  /** Of each source that has points. */
  readonly points: readonly SourcePoints[];
  /** When each volume was last seen, by its id. */
  readonly lastSeenAtMs: ReadonlyMap<string, number>;
  /** Other computers, by the ids of their places. */
  readonly farContacts?: ReadonlyMap<string, FarContact>;
  readonly nextRunAtMs: (source: Subvolume) => number | null;
  /** When a copy of the point on a drive was last found right. */
  readonly provenAtMs: (point: RestorePoint) => number | null;
}

const TOP_LEVEL = 5;

/** Writable subvolumes in use, then sources of which only restore points are left. */
export function sourcesOf(facts: SourceFacts): Source[] {
  const bySource = new Map(facts.points.map((one) => [one.sourceUuid, one]));
  const here = facts.subvolumes
    .filter((subvolume) => isSource(subvolume, facts, bySource))
    .map((subvolume) => presentSource(subvolume, facts, bySource.get(subvolume.uuid ?? '')));
  const present = new Set(here.map((source) => source.uuid));
  const away = [...bySource]
    .filter(([uuid]) => !present.has(uuid))
    .map(([, points]) => awaySource(points, facts));
  return [...here, ...away];
}

function isSource(
  subvolume: Subvolume,
  { volumes, subvolumes }: SourceFacts,
  bySource: ReadonlyMap<string, unknown>,
): boolean {
  if (subvolume.readOnly || !subvolume.whole || subvolume.receivedUuid !== null) return false;
  if (isForeignWritable(subvolume)) return false;
  if (bySource.has(subvolume.uuid ?? '')) return true;
  // What stood there before a rollback is kept for a while, and is nobody's files any more.
  if (placeBeforeKept(subvolume.path) !== undefined) return false;
  const { volumeId } = subvolume;
  const volume = volumes.find((known) => known.volume.volumeId === volumeId)?.volume;
  if (volume?.kind !== 'mounted' || subvolume.mountedPath === null) return false;
  if (subvolume.subvolumeId !== TOP_LEVEL) return !isDendroFolder(subvolume);
  // The top level of a backup drive, or one that only holds subvolumes, is nobody's files.
  const others = subvolumes.filter((other) => other.volumeId === volumeId && other !== subvolume);
  return others.every((other) => other.parentUuid !== null && other.receivedUuid === null);
}

/** The subvolume that snapshots are kept in is no source itself. */
function isDendroFolder(subvolume: Subvolume): boolean {
  return /(^|\/)\.(dendro|snapshots)$/.test(subvolume.path);
}

function presentSource(
  subvolume: Subvolume,
  facts: SourceFacts,
  points: SourcePoints | undefined,
): Source {
  const { volumeId, subvolumeId, uuid, path, mountedPath } = subvolume;
  const volume = facts.volumes.find((known) => known.volume.volumeId === volumeId)!.volume;
  return {
    volumeId,
    subvolumeId,
    uuid,
    name: path === '' ? volume.name : path,
    volumeName: volume.name,
    mountedPath,
    present: true,
    ...fromPoints(points, facts),
    nextRunAtMs: facts.nextRunAtMs(subvolume),
  };
}

function awaySource(points: SourcePoints, facts: SourceFacts): Source {
  const { sourceUuid: uuid, ofPlaces } = points;
  return {
    volumeId: uuid,
    subvolumeId: 0,
    uuid,
    name: withoutTime(ofPlaces[0]!.name),
    volumeName: '',
    mountedPath: null,
    present: false,
    ...fromPoints(points, facts),
    nextRunAtMs: null,
  };
}

function fromPoints(
  points: SourcePoints | undefined,
  facts: SourceFacts,
): Pick<Source, 'points' | 'pointCount' | 'health' | 'safeUpToMs' | 'places'> {
  const { nowMs } = facts;
  const heads = [...(points?.ofPlaces ?? [])].sort(newestByClock(nowMs));
  const newestMs = heads[0]?.takenAtMs ?? null;
  return {
    points: [...(points?.newest ?? [])],
    pointCount: points?.count ?? 0,
    health: healthFrom(heads, facts),
    safeUpToMs: newestMs !== null && newestMs <= nowMs ? newestMs : null,
    places: placesOf(heads, facts),
  };
}

function healthFrom(
  points: readonly RestorePoint[],
  { nowMs, lastSeenAtMs, provenAtMs, farContacts }: SourceFacts,
): Source['health'] {
  return healthOf({
    points,
    nowMs,
    lastSeenAtMs: (volumeId) => lastSeenAtMs.get(volumeId) ?? null,
    farContact: (volumeId) => farContacts?.get(volumeId),
    provenAtMs: (pointId) => {
      const point = points.find((one) => one.pointId === pointId);
      return point ? provenAtMs(point) : null;
    },
  });
}

function placesOf(points: readonly RestorePoint[], facts: SourceFacts): Source['places'] {
  const places = new Map<string, Source['places'][number]>();
  for (const point of points) {
    for (const copy of point.copies) {
      const known = places.get(copy.volumeId);
      if (known) continue; // newest first: the first one seen is the newest there
      places.set(copy.volumeId, {
        volumeId: copy.volumeId,
        name: copy.volumeName,
        place: copy.place,
        present: copy.present,
        newestPointMs: point.takenAtMs,
        lastSeenAtMs: facts.lastSeenAtMs.get(copy.volumeId) ?? point.takenAtMs,
      });
    }
  }
  return [...places.values()];
}
