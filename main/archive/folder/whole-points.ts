import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import {
  exactly,
  type Identity,
  type Manifest,
  type PointRecord,
  type SourceRecord,
} from '../format/manifest.ts';

interface Placed {
  readonly inside: string;
  readonly point: PointRecord;
}

/**
 * Points that can be restored as far as that is seen without reading: their streams, and those
 * that they build on, are there with their sizes. A folder that was copied in part, or that went
 * back in time without its manifest, lists others, too.
 */
export function wholePoints(folder: string, { sources }: Manifest): ReadonlySet<PointRecord> {
  const everywhere = new Map(sources.flatMap((source) => [...placed(folder, source)]));
  const verdicts = new Map<PointRecord, boolean>();
  for (const source of sources) {
    const own = placed(folder, source);
    // Of a folder and its copy each goes by its own files.
    const below = (identity: Identity): Placed | undefined =>
      own.get(exactly(identity)) ?? everywhere.get(exactly(identity));
    for (const first of own.values()) judge(first, below, verdicts);
  }
  return new Set([...verdicts].flatMap(([point, isWhole]) => (isWhole ? point : [])));
}

/** The point, and all of its chain that nothing is known of yet. */
function judge(
  first: Placed,
  below: (identity: Identity) => Placed | undefined,
  verdicts: Map<PointRecord, boolean>,
): void {
  const chain: Placed[] = [];
  let isWhole: boolean | undefined;
  for (let at: Placed | undefined = first; isWhole === undefined;) {
    isWhole = at === undefined || chain.includes(at) ? false : verdicts.get(at.point);
    if (at === undefined || isWhole !== undefined) break;
    chain.push(at);
    const { parent } = at.point;
    if (parent === null) isWhole = true;
    else at = below(parent);
  }
  for (const one of chain.reverse()) {
    isWhole = isWhole === true && hasStream(one.inside, one.point);
    verdicts.set(one.point, isWhole);
  }
}

function placed(folder: string, source: SourceRecord): Map<string, Placed> {
  const inside = join(folder, source.folder);
  return new Map(source.points.map((point) => [exactly(point), { inside, point }]));
}

/** Whether all of its stream file is there, with its size. @param inside the folder of its source */
export function hasStream(inside: string, { parts }: PointRecord): boolean {
  return parts.every(({ file, bytes }) => {
    try {
      const status = lstatSync(join(inside, file));
      return status.isFile() && status.size === bytes;
    } catch {
      return false;
    }
  });
}
