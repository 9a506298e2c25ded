import type { RestorePoint } from '../../../shared/model/subvolume.ts';
import { archiveOfPlace, isVolume } from '../../../shared/model/plan-target.ts';
import type { CatalogueEntry, CatalogueQuery } from '../../../shared/model/catalogue.ts';
import type { Drive } from '../../../shared/model/drive.ts';
import { isSealed } from '../../archive/folder/archive.ts';
import { CatalogueThreads } from '../../catalogue/threads.ts';
import type { ArchivedPoint, PresentPoint, Taken } from '../../catalogue/index.ts';
import { entryType } from '../../engine/verbs/entries.ts';
import { signature } from '../../drives/watch-devices.ts';
import type { EventHub } from '../event-hub.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';
import { archiveFolderNow } from '../places/copy-place.ts';
import type { PointBook } from '../points/point-book.ts';

export interface CatalogueKeeperParts {
  readonly points: PointBook;
  readonly hub: EventHub;
  /** Another text when a device comes or goes, or something is mounted or unmounted. */
  readonly devices?: () => string;
}

type Look = ReturnType<PointBook['look']>;

/** Knows what is to be taken in, and has it done in threads of the catalogue's own. */
export class CatalogueKeeper {
  readonly threads: CatalogueThreads;
  readonly #points: PointBook;
  readonly #devices: () => string;
  /** The last look, and how devices and mounts were when it was begun. */
  #last: { readonly devices: string; readonly look: Look } | undefined;
  readonly #sealed = new Map<string, boolean>();
  #updating: Promise<Taken[]> | undefined;

  constructor(path: string, { points, hub, devices = signature }: CatalogueKeeperParts) {
    this.threads = new CatalogueThreads(path);
    this.#points = points;
    this.#devices = devices;
    hub.subscribe((event) => {
      if (event === 'drives.changed') this.#last = undefined;
    });
  }

  /**
   * For a search to know which places are here. A look takes longer than most searches: there is
   * one when nobody has looked yet, and when devices or mounts are others than at the last one.
   */
  async lookAround(): Promise<void> {
    const { devices, look } = this.#last ?? {};
    await (look !== undefined && devices === this.#devices() ? look : this.#look());
  }

  #look(): Look {
    const last = { devices: this.#devices(), look: this.#points.look() };
    this.#last = last;
    last.look.catch(() => {
      if (this.#last === last) this.#last = undefined;
    });
    return last.look;
  }

  /** Points that can be read now and are not in the catalogue, and those they are compared with. */
  async waiting(): Promise<{
    present: PresentPoint[];
    archived: ArchivedPoint[];
    count: number;
  }> {
    const { volumes, subvolumes } = await this.#look();
    const names = new Map(subvolumes.map(({ uuid, path }) => [uuid, path]));
    const listed = this.#points.list(volumes);
    const onVolumes = listed.flatMap((point) => presentOf(point, volumes, names));
    const readable = new Set(onVolumes.map(({ pointId }) => pointId));
    const inArchives = listed
      .filter(({ pointId }) => !readable.has(pointId))
      .flatMap((point) => archivedOf(point, this.#points.drives, names))
      .filter((point) => !this.#isSealed(point));
    const { points, off } = await this.#known();
    const isWaiting = ({ pointId, sourceUuid }: PresentPoint | ArchivedPoint): boolean =>
      !points.has(pointId) && !off.has(sourceUuid);
    const present = ofSourcesWith(isWaiting, onVolumes);
    const archived = ofSourcesWith(isWaiting, inArchives);
    return { present, archived, count: [...present, ...archived].filter(isWaiting).length };
  }

  /** What a person has switched off stays so where another subvolume takes its place. */
  async #known(): Promise<{ points: Set<string>; off: Set<string> }> {
    const known = await this.threads.known();
    const off = new Set(known.off);
    for (const [uuid, former] of this.#points.formers()) {
      if (!off.delete(former)) continue;
      off.add(uuid);
      await this.threads.setOff(uuid, true);
      await this.threads.setOff(former, false);
    }
    return { points: new Set(known.points), off };
  }

  /**
   * Its names stay encrypted: the catalogue is none. A manifest is read once; where it lies, that of
   * another drive may lie tomorrow.
   */
  #isSealed({ volumeId, folder }: ArchivedPoint): boolean {
    const key = `${volumeId} ${folder}`;
    const known = this.#sealed.get(key) ?? isSealed(folder);
    this.#sealed.set(key, known);
    return known;
  }

  /** Takes new points in, and forgets those that are nowhere any more; one at a time. */
  update(): Promise<Taken[]> {
    this.#updating ??= this.#update().finally(() => (this.#updating = undefined));
    return this.#updating;
  }

  async #update(): Promise<Taken[]> {
    const { present, archived } = await this.waiting();
    const taken = present.length === 0 ? [] : await this.threads.update(present);
    if (archived.length > 0) taken.push(...(await this.threads.takeArchived(archived)));
    const { volumes } = await this.#look();
    const kept = new Set(this.#points.list(volumes).map(({ pointId }) => pointId));
    await this.threads.compact(kept);
    return taken.filter(({ outcome }) => outcome === 'all' || outcome === 'changes');
  }

  /** @param volumes those that are here now: `lookAround` comes before */
  async find(query: CatalogueQuery, volumes: readonly KnownVolume[]): Promise<CatalogueEntry[]> {
    const found = await this.threads.find(query);
    const ids = [...new Set(found.map(({ pointId }) => pointId))];
    const known = this.#points.these(volumes, ids);
    const points = new Map(known.map((point) => [point.pointId, point]));
    return found.map(({ type, pointId, ...file }) => {
      const { sourceUuid, sourceName, path, sizeBytes, modifiedAtMs } = file;
      const { versions, isDeleted, firstPointMs, lastPointMs } = file;
      const copies = (points.get(pointId)?.copies ?? []).map(
        ({ volumeId, volumeName, subvolumeId, present }) => ({
          volumeId,
          volumeName,
          subvolumeId,
          present,
        }),
      );
      const times = { modifiedAtMs, firstPointMs, lastPointMs };
      const facts = { path, sizeBytes, versions, isDeleted, ...times };
      return { sourceUuid, sourceName, pointId, type: entryType(type), ...facts, copies };
    });
  }

  async close(): Promise<void> {
    await this.threads.close();
    await this.#updating?.catch(() => undefined);
  }
}

/** Each point once, from beside its source where it is there too. */
function presentOf(
  { pointId, sourceUuid, name, takenAtMs, copies }: RestorePoint,
  volumes: readonly KnownVolume[],
  names: ReadonlyMap<string | null, string>,
): PresentPoint[] {
  const here = copies.filter(({ volumeId, present }) => present && isVolume(volumeId));
  const copy = here.find(({ place }) => place === 'local') ?? here[0];
  const known = volumes.find(({ volume }) => volume.volumeId === copy?.volumeId);
  if (sourceUuid === null || copy === undefined || known?.volume.problem !== null) return [];
  const { volumeId, subvolumeId } = copy;
  const sourceName = names.get(sourceUuid) || known.volume.name || name;
  return [
    { pointId, sourceUuid, sourceName, volumeId, takenAtMs, volume: known.input, subvolumeId },
  ];
}

/** The same out of stream files, of the first archive of it that is here. */
function archivedOf(
  { pointId, sourceUuid, name, takenAtMs, copies }: RestorePoint,
  drives: readonly Drive[],
  names: ReadonlyMap<string | null, string>,
): ArchivedPoint[] {
  if (sourceUuid === null) return [];
  for (const { volumeId, path: point, present } of copies) {
    const archive = archiveOfPlace(volumeId);
    const folder = archive && present ? archiveFolderNow(archive, drives) : undefined;
    if (folder === undefined) continue;
    const sourceName = names.get(sourceUuid) || point.slice(0, point.indexOf('/')) || name;
    return [{ pointId, sourceUuid, sourceName, volumeId, takenAtMs, folder, point }];
  }
  return [];
}

function ofSourcesWith<P extends PresentPoint | ArchivedPoint>(
  isWanted: (point: P) => boolean,
  all: readonly P[],
): P[] {
  const sources = new Set(all.filter(isWanted).map(({ sourceUuid }) => sourceUuid));
  return all.filter(({ sourceUuid }) => sources.has(sourceUuid));
}
