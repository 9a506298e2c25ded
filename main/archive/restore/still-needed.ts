import type { Identity, PointRecord } from '../format/manifest.ts';
import { streamName } from '../format/stream-name.ts';
import type { ArchiveReader, PointRef } from '../read/reader.ts';

/**
 * Links of the chain that are not at the target yet, and what they clone from; `ref` is last. A
 * point from which something was purged goes by the uuid of the whole snapshot: what is at the
 * target under that uuid may be the whole, and what comes is built upon none but its own.
 */
export function stillNeeded(
  reader: ArchiveReader,
  ref: PointRef,
  isThere: (identity: Identity) => boolean,
): PointRef[] {
  const needed: PointRef[] = [];
  const seen = new Set<PointRecord>();
  const add = (one: PointRef): void => {
    if (seen.has(one.point)) return;
    seen.add(one.point);
    const { parent, cloneSources } = one.point;
    for (const identity of [...(parent === null ? [] : [parent]), ...cloneSources]) {
      const below = reader.find(identity);
      if (below === undefined) continue;
      if (below.source.purged.length > 0 || !isThere(identity)) add(below);
    }
    needed.push(one);
  };
  reader.chainOf(ref);
  add(ref);
  return needed;
}

/** Where a point that is received into a folder comes to stand. */
export function placeOf(target: string, { point }: PointRef): string {
  return pathBelow(target, streamName(point.name));
}

export function pathBelow(folder: string, name: string): string {
  return `${folder.replace(/\/+$/, '')}/${name}`;
}
