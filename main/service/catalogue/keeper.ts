import type { RestorePoint } from '../../../shared/model/subvolume.ts';
import { isVolume } from '../../../shared/model/plan-target.ts';
import type { CatalogueEntry, CatalogueQuery } from '../../../shared/model/catalogue.ts';
import { CatalogueThreads } from '../../catalogue/threads.ts';
import type { PresentPoint, Taken } from '../../catalogue/update.ts';
import { entryType } from '../../engine/verbs/entries.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';
import type { PointBook } from '../points/point-book.ts';

/** Knows what is to be taken in, and has it done in threads of the catalogue's own. */
export class CatalogueKeeper {
  readonly threads: CatalogueThreads;
  readonly #points: PointBook;
  #updating: Promise<Taken[]> | undefined;

  constructor(path: string, points: PointBook) {
    this.threads = new CatalogueThreads(path);
    this.#points = points;
  }

  /** Points that can be read now and are not in the catalogue, and those they are compared with. */
  async waiting(): Promise<{ present: PresentPoint[]; count: number }> {
    const { volumes, subvolumes } = await this.#points.look();
    const names = new Map(subvolumes.map(({ uuid, path }) => [uuid, path]));
    const all = this.#points.list(volumes).flatMap((point) => presentOf(point, volumes, names));
    const known = await this.threads.known();
    const [points, off] = [new Set(known.points), new Set(known.off)];
    const waiting = all.filter(
      ({ pointId, sourceUuid }) => !points.has(pointId) && !off.has(sourceUuid),
    );
    const sources = new Set(waiting.map(({ sourceUuid }) => sourceUuid));
    const present = all.filter(({ sourceUuid }) => sources.has(sourceUuid));
    return { present, count: waiting.length };
  }

  /** Takes new points in, and forgets those that are nowhere any more; one at a time. */
  update(): Promise<Taken[]> {
    this.#updating ??= this.#update().finally(() => (this.#updating = undefined));
    return this.#updating;
  }

  async #update(): Promise<Taken[]> {
    const { present } = await this.waiting();
    const taken = present.length === 0 ? [] : await this.threads.update(present);
    const { volumes } = await this.#points.look();
    const kept = new Set(this.#points.list(volumes).map(({ pointId }) => pointId));
    await this.threads.compact(kept);
    return taken.filter(({ outcome }) => outcome === 'all' || outcome === 'changes');
  }

  /** @param volumes those that are here now */
  async find(query: CatalogueQuery, volumes: readonly KnownVolume[]): Promise<CatalogueEntry[]> {
    const points = new Map(this.#points.list(volumes).map((point) => [point.pointId, point]));
    return (await this.threads.find(query)).map(({ type, pointId, ...file }) => {
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
