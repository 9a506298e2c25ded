import type { RestorePoint } from '../../../shared/model/subvolume.ts';
import { isVolume } from '../../../shared/model/plan-target.ts';
import type { CatalogueEntry, CatalogueQuery } from '../../../shared/model/catalogue.ts';
import { Catalogue, type PresentPoint, type Taken } from '../../catalogue/index.ts';
import { entryType } from '../../engine/verbs/entries.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';
import type { PointBook } from '../points/point-book.ts';

/** Opens the catalogue when it is first asked for, and knows what is to be taken in. */
export class CatalogueKeeper {
  readonly #path: string;
  readonly #points: PointBook;
  #catalogue: Catalogue | undefined;

  constructor(path: string, points: PointBook) {
    this.#path = path;
    this.#points = points;
  }

  get catalogue(): Catalogue {
    return (this.#catalogue ??= new Catalogue(this.#path));
  }

  /** Points that can be read now and are not in the catalogue. */
  async waiting(): Promise<PresentPoint[]> {
    const { volumes, subvolumes } = await this.#points.look();
    const names = new Map(subvolumes.map(({ uuid, path }) => [uuid, path]));
    const all = this.#points.list(volumes).flatMap((point) => presentOf(point, volumes, names));
    const { catalogue } = this;
    const isWaiting = ({ pointId, sourceUuid }: PresentPoint): boolean =>
      !catalogue.has(pointId) && !catalogue.isOff(sourceUuid);
    // Those that are known stay in the list of a source with one that is not: it is compared with.
    const sources = new Set(all.filter(isWaiting).map(({ sourceUuid }) => sourceUuid));
    return all.filter(({ sourceUuid }) => sources.has(sourceUuid));
  }

  /** Takes new points in, and forgets those that are nowhere any more. */
  async update(check: () => void = () => {}): Promise<Taken[]> {
    const present = await this.waiting();
    const taken = this.catalogue.update(present, undefined, check);
    const { volumes } = await this.#points.look();
    this.catalogue.compact(new Set(this.#points.list(volumes).map(({ pointId }) => pointId)));
    return taken.filter(({ outcome }) => outcome === 'all' || outcome === 'changes');
  }

  /** @param volumes those that are here now */
  find(query: CatalogueQuery, volumes: readonly KnownVolume[]): CatalogueEntry[] {
    const points = new Map(this.#points.list(volumes).map((point) => [point.pointId, point]));
    return this.catalogue.find(query).map(({ type, pointId, ...file }) => {
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

  close(): void {
    this.#catalogue?.close();
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
