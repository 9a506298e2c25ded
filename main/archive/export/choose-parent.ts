import { identityOf as sentAs } from '../../engine/send-identity.ts';
import { listSubvolumes, openSubvolume, type Subvolume } from '../../engine/tree/index.ts';
import { hex } from '../index/indexing-sink.ts';
import { isSame } from '../folder/archive.ts';
import type { Identity, PointRecord, SourceRecord } from '../format/manifest.ts';

export interface ChosenParent {
  readonly snapshot: Subvolume;
  readonly point: PointRecord;
}

/** As the send stream names a snapshot that is sent without some paths. */
export function identityOf(snapshot: Subvolume, excludes: readonly string[]): Identity {
  const { uuid, ctransid } = sentAs(snapshot, excludes);
  return { uuid: hex(uuid), ctransid };
}

/**
 * What the archive and the volume both hold, unchanged: the one nearest to the snapshot in time,
 * by the volume's own count of transactions, not by any clock. Undefined: a full export.
 */
export function chooseParent(snapshot: Subvolume, source: SourceRecord): ChosenParent | undefined {
  const { volume, info: own } = snapshot;
  const pairs = listSubvolumes(volume).flatMap((info): ChosenParent[] => {
    const mayBe = source.points.filter(({ ctransid }) => ctransid === info.ctransid);
    if (mayBe.length === 0 || !info.isReadOnly || info.id === own.id) return [];
    const candidate = openSubvolume(volume, info.id);
    const point = mayBe.find((one) => isSame(one, identityOf(candidate, one.excludes)));
    return point !== undefined && isWhole(source, point) ? [{ snapshot: candidate, point }] : [];
  });
  const distance = ({ snapshot: { info } }: ChosenParent): number =>
    Math.abs(own.otransid - info.otransid);
  return pairs.sort((a, b) => distance(a) - distance(b))[0];
}

/** Its own chain goes down to a full stream. */
function isWhole({ points }: SourceRecord, point: PointRecord): boolean {
  const seen = new Set<PointRecord>();
  for (let at: PointRecord | undefined = point; at !== undefined;) {
    const { parent }: PointRecord = at;
    if (parent === null) return true;
    if (seen.has(at)) return false;
    seen.add(at);
    at = points.find((one) => isSame(one, parent));
  }
  return false;
}
