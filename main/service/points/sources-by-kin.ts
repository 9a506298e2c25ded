import type { Subvolume } from '../../../shared/model/subvolume.ts';
import { withoutTime } from '../backup/snapshot-name.ts';

/**
 * The sources of the points of a volume: what is told of one holds of those that were received
 * upon it, and of all its kin that were received upon one another or upon the same, unless these
 * are told to be of several sources.
 */
export class SourcesByKin {
  readonly #told = new Map<string, string>();
  readonly #ofKin = new Map<string, string | null>();
  readonly #unknown = new Map<string, string>();
  readonly #kin = new Map<string, string>();

  /**
   * @param toldOf the source of a point, where that is known.
   * @param unknownOf what to call the source of points of which nothing is told, by the first.
   */
  constructor(
    points: readonly Subvolume[],
    toldOf: (point: Subvolume) => string | null,
    unknownOf: (first: Subvolume) => string,
  ) {
    for (const { uuid, parentUuid, receivedUuid } of points) {
      // What is a snapshot of its own stands below its source, which has kin of other kinds.
      if (parentUuid !== null && receivedUuid !== null) this.#join(uuid!, parentUuid);
    }
    // What something was received upon is older, and has the lower number.
    for (const point of [...points].sort((a, b) => a.subvolumeId - b.subvolumeId)) {
      const source = toldOf(point) ?? this.#told.get(point.parentUuid ?? '');
      if (source === undefined) continue;
      this.#told.set(point.uuid!, source);
      const kin = this.#kinOf(point.uuid!);
      const other = this.#ofKin.get(kin);
      this.#ofKin.set(kin, other === undefined || other === source ? source : null);
    }
    const oldestFirst = [...points].sort((a, b) => a.createdAtMs - b.createdAtMs);
    for (const point of oldestFirst) {
      const name = this.#nameless(point);
      if (!this.#unknown.has(name)) this.#unknown.set(name, unknownOf(point));
    }
  }

  of(point: Subvolume): string {
    return (
      this.#told.get(point.uuid!) ??
      this.#ofKin.get(this.#kinOf(point.uuid!)) ??
      this.#unknown.get(this.#nameless(point))!
    );
  }

  /** "home.20261127-224750" and its like in one folder; without a time, the kin. */
  #nameless({ path, uuid }: Subvolume): string {
    const base = withoutTime(path);
    return base === path ? `kin ${this.#kinOf(uuid!)}` : `name ${base}`;
  }

  #kinOf(uuid: string): string {
    let top = uuid;
    for (let above = this.#kin.get(top); above !== undefined; above = this.#kin.get(top))
      top = above;
    // Those on the way know it from now on: long chains are looked up once.
    for (let one = uuid; one !== top;) {
      const next = this.#kin.get(one)!;
      this.#kin.set(one, top);
      one = next;
    }
    return top;
  }

  #join(uuid: string, other: string): void {
    const [a, b] = [this.#kinOf(uuid), this.#kinOf(other)];
    if (a !== b) this.#kin.set(a, b);
  }
}
