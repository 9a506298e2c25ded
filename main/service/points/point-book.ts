import type { RestorePoint, Subvolume } from '../../../shared/model/subvolume.ts';
import type { Engine } from '../../engine/engine.ts';
import type { PointHistory } from '../../history/points.ts';
import { mountedPathOf } from '../volumes/mounted-path.ts';
import type { KnownVolume, VolumeBook } from '../volumes/volume-book.ts';
import { foreignSnapshot } from '../../other-tools/layouts.ts';
import { pointsOf } from './classify.ts';

/** Names below which Dendro keeps what is not finished. */
const STAGING = /(^|\/)\.dendro-(staging|receive)/;

/** The subvolumes of volumes that are here, and the restore points everywhere. */
export class PointBook {
  readonly #engine: Engine;
  readonly #volumes: VolumeBook;
  readonly #history: PointHistory;
  readonly #nowMs: () => number;

  constructor(engine: Engine, volumes: VolumeBook, history: PointHistory, nowMs: () => number) {
    this.#engine = engine;
    this.#volumes = volumes;
    this.#history = history;
    this.#nowMs = nowMs;
  }

  async subvolumes(known: KnownVolume): Promise<Subvolume[]> {
    const { volume, input } = known;
    const facts = await this.#engine.run('subvolumes', input);
    return facts.map((fact) => ({
      ...fact,
      volumeId: volume.volumeId,
      mountedPath: mountedPathOf(volume, fact.path),
      whole: !STAGING.test(fact.path),
    }));
  }

  /** Reads every volume that is here and can be read, and records what it holds. */
  async look(): Promise<{ volumes: readonly KnownVolume[]; subvolumes: Subvolume[] }> {
    const volumes = await this.#volumes.list();
    const subvolumes: Subvolume[] = [];
    for (const known of volumes.filter(({ volume }) => volume.problem === null)) {
      const found = await this.subvolumes(known).catch(() => undefined);
      if (!found) continue;
      subvolumes.push(...found);
      this.#record(known, found);
    }
    return { volumes, subvolumes };
  }

  /** Newest first; of one source when its uuid is given. */
  list(volumes: readonly KnownVolume[], sourceUuid?: string): RestorePoint[] {
    const present = new Set(volumes.map(({ volume }) => volume.volumeId));
    return this.#history.list(present, sourceUuid).map(withMaker);
  }

  #record({ volume }: KnownVolume, subvolumes: readonly Subvolume[]): void {
    const known = new Map(this.#history.list(new Set()).map((point) => [point.pointId, point]));
    this.#history.volumeSeen(volume.volumeId, volume.name, this.#nowMs());
    this.#history.replaceVolume(volume.volumeId, pointsOf(subvolumes, known));
  }
}

/** A backup of Dendro's own is nobody else's, whatever its name looks like. */
function withMaker(point: RestorePoint): RestorePoint {
  if (point.backup !== null) return point;
  const maker = point.copies.flatMap(({ path }) => foreignSnapshot(path) ?? [])[0];
  return maker ? { ...point, madeBy: { tool: maker.tool, label: maker.label } } : point;
}
