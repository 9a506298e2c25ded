import {
  exactly,
  type Identity,
  type Manifest,
  type PointRecord,
  type SourceRecord,
} from './manifest.ts';

/** A point with the source that it is listed in. */
export interface Listed {
  readonly source: SourceRecord;
  readonly point: PointRecord;
  /** What its stream builds on and takes data from, as far as the archive has it. */
  readonly needs: readonly PointRecord[];
}

/**
 * All points such that each comes behind what its stream needs, and else in the order of the
 * manifest. That is by time, which is not enough: an older snapshot may have been exported as what
 * differs from a newer one, and times may be wrong.
 */
export function restoreOrder({ sources }: Pick<Manifest, 'sources'>): Listed[] {
  const all = listed(sources);
  const ordered = new Set<Listed>();
  const begun = new Set<Listed>();
  for (const first of all.values()) {
    const stack = [first];
    for (let next = stack.at(-1); next !== undefined; next = stack.at(-1)) {
      // What goes in a circle cannot be restored in any order.
      const missing = next.needs.map((point) => all.get(point)!).filter((one) => !begun.has(one));
      const isNew = !begun.has(next);
      begun.add(next);
      if (isNew && missing.length > 0) stack.push(...missing.reverse());
      else ordered.add(stack.pop()!);
    }
  }
  return [...ordered];
}

function listed(sources: readonly SourceRecord[]): Map<PointRecord, Listed> {
  const places = sources.flatMap((source) => source.points.map((point) => ({ source, point })));
  const homes = Map.groupBy(places, ({ point }) => exactly(point));
  const all = new Map<PointRecord, Listed>();
  for (const { source, point } of places) {
    // Of a folder and its copy each goes by its own files.
    const find = (identity: Identity): PointRecord | undefined => {
      const found = homes.get(exactly(identity)) ?? [];
      return (found.find((one) => one.source === source) ?? found[0])?.point;
    };
    const { parent, cloneSources } = point;
    const needs = [...(parent === null ? [] : [parent]), ...cloneSources].map(find);
    all.set(point, { source, point, needs: needs.filter((one) => one !== undefined) });
  }
  return all;
}
