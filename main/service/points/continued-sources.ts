import type { Subvolume } from '../../../shared/model/subvolume.ts';
import { placeBefore, placeBeforeKept, snapperNumber } from '../../engine/rollback/path-names.ts';
import type { SourcePath } from '../../history/source-paths.ts';
import { isForeignWritable } from './classify.ts';

/** A subvolume that goes on with another one's restore points. */
export interface Continued {
  readonly now: Subvolume;
  readonly formerUuid: string;
  /** Undefined when it has been deleted. */
  readonly former: Subvolume | undefined;
}

/** What stands at the paths of a volume, as far as it is news. */
export interface SourcesSeen {
  readonly seen: readonly SourcePath[];
  readonly continued: readonly Continued[];
}

/**
 * Which writable subvolumes have taken the place of others, and go on with their restore points:
 * those that were made from the one that stood there, from one of its points, or from what it had
 * taken the place of itself, and that one where it is put back. That is what a rollback brings
 * about, by whatever tool; a new folder of the same name is a source of its own. Where nothing is
 * known from before (the history is lost, or begins here) the names tell what was put aside.
 *
 * @param mounted paths of the subvolumes that are mounted themselves.
 * @param sourceOf of which source a subvolume is a restore point; null: of none that is known.
 * @param hasPoints whether there are any of a subvolume: of no other it matters where it stands.
 */
export function continuedSources(
  subvolumes: readonly Subvolume[],
  mounted: ReadonlySet<string>,
  before: ReadonlyMap<string, SourcePath>,
  sourceOf: (point: Subvolume) => string | null,
  hasPoints: (uuid: string) => boolean,
): SourcesSeen {
  const byUuid = new Map(subvolumes.map((subvolume) => [subvolume.uuid, subvolume]));
  const seen: SourcePath[] = [];
  const continued: Continued[] = [];
  for (const [path, standing] of Map.groupBy(subvolumes, (one) => placeOf(one, mounted))) {
    const [now] = standing;
    if (path === undefined || now === undefined || standing.length > 1) continue;
    const uuid = now.uuid!;
    const last = before.get(path);
    if (last?.uuid === uuid) continue;
    if (last === undefined) {
      const line = putAside(now, path, byUuid);
      if (line.some((former) => hasPoints(former.uuid!))) {
        seen.push(...successions(path, [...line, now]));
        continued.push(...line.map((former) => ({ now, formerUuid: former.uuid!, former })));
        continue;
      }
    }
    const isFollower = last !== undefined && follows(now, last, byUuid, sourceOf);
    if (isFollower || hasPoints(uuid))
      seen.push({ path, uuid, formerUuid: isFollower ? last.uuid : null });
    if (isFollower) continued.push({ now, formerUuid: last.uuid, former: byUuid.get(last.uuid) });
  }
  return { seen, continued };
}

function follows(
  { uuid, parentUuid }: Subvolume,
  last: SourcePath,
  byUuid: ReadonlyMap<string | null, Subvolume>,
  sourceOf: (point: Subvolume) => string | null,
): boolean {
  if (uuid === last.formerUuid) return true;
  // One that is a snapshot of nothing was begun anew.
  if (parentUuid === null) return false;
  if (parentUuid === last.uuid || parentUuid === last.formerUuid) return true;
  const origin = byUuid.get(parentUuid);
  if (origin !== undefined) return sourceOf(origin) === last.uuid;
  // The point that was gone back to has been deleted: the name of what was put aside tells.
  const former = byUuid.get(last.uuid);
  return former !== undefined && placeAside(former) === last.path;
}

/** What stood there before and was put aside, as the names say; the first of all first. */
function putAside(
  now: Subvolume,
  place: string,
  byUuid: ReadonlyMap<string | null, Subvolume>,
): Subvolume[] {
  const line: Subvolume[] = [];
  for (let one = now; ;) {
    const former = madeOf(one, byUuid) ?? keptBefore(one, now, place, byUuid);
    if (former === undefined || former === now || line.includes(former)) return line;
    if (former.uuid === null || placeAside(former) !== place) return line;
    line.unshift(former);
    one = former;
  }
}

/** Which subvolume it was made of, straight or by one of its points. */
function madeOf(
  { parentUuid }: Subvolume,
  byUuid: ReadonlyMap<string | null, Subvolume>,
): Subvolume | undefined {
  const made = parentUuid === null ? undefined : byUuid.get(parentUuid);
  const isPoint = made !== undefined && (made.readOnly || isForeignWritable(made));
  return isPoint ? byUuid.get(made.parentUuid) : made;
}

/**
 * What a rollback of Dendro's has kept last, before that of `one`: the point that was gone back to
 * may have been deleted since. The names tell the moment of each. What is a snapshot of nothing was
 * begun anew.
 */
function keptBefore(
  one: Subvolume,
  now: Subvolume,
  place: string,
  byUuid: ReadonlyMap<string | null, Subvolume>,
): Subvolume | undefined {
  if (one.parentUuid === null || byUuid.has(one.parentUuid)) return undefined;
  const kept = [...byUuid.values()].filter(
    ({ path, readOnly }) =>
      !readOnly && placeBeforeKept(path) === place && (one === now || path < one.path),
  );
  return kept.sort((a, b) => (a.path < b.path ? 1 : -1))[0];
}

/** Where it stood, in the words of `placeOf`; undefined when it stands there still. */
function placeAside({ path }: Subvolume): string | undefined {
  const folder = snapperNumber(path)?.folder;
  if (folder !== undefined) return `${folder}*/snapshot`;
  const place = placeBefore(path);
  return place === path ? undefined : place;
}

/** Each took the place of the one before it. */
function successions(path: string, line: readonly Subvolume[]): SourcePath[] {
  return line.map(({ uuid }, i) => ({
    ...{ path, uuid: uuid! },
    formerUuid: line[i - 1]?.uuid ?? null,
  }));
}

/** Where a writable subvolume stands, by its path; of Snapper's it is the one that is mounted. */
function placeOf(subvolume: Subvolume, mounted: ReadonlySet<string>): string | undefined {
  const { path, readOnly, whole, uuid, receivedUuid } = subvolume;
  if (readOnly || !whole || uuid === null || receivedUuid !== null) return undefined;
  if (isForeignWritable(subvolume)) return undefined;
  const folder = snapperNumber(path)?.folder;
  if (folder === undefined) return path;
  return mounted.has(path) ? `${folder}*/snapshot` : undefined;
}
