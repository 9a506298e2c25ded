import { identityOf as sentAs } from '../../engine/send-identity.ts';
import { listSubvolumes, openSubvolume, type Subvolume } from '../../engine/tree/index.ts';
import { hex } from '../index/indexing-sink.ts';
import { isSame } from '../folder/archive.ts';
import type { Identity, PointRecord, SourceRecord } from '../format/manifest.ts';

export interface ChosenParent {
  readonly snapshot: Subvolume;
  readonly point: PointRecord;
}

export interface Choice {
  readonly parent: ChosenParent | undefined;
  /** Points that are nearer, but not whole in the archive. */
  readonly broken: readonly PointRecord[];
}

/** As the send stream names a snapshot that is sent without some paths. */
export function identityOf(snapshot: Subvolume, excludes: readonly string[]): Identity {
  const { uuid, ctransid } = sentAs(snapshot, excludes);
  return { uuid: hex(uuid), ctransid };
}

/**
 * What the archive and the volume both hold, unchanged: the one nearest to the snapshot in time,
 * by the volume's own count of transactions, not by any clock. Undefined: a full export.
 * @param whole points that can be restored
 */
export function chooseParent(
  snapshot: Subvolume,
  source: SourceRecord,
  whole: ReadonlySet<PointRecord>,
): Choice {
  const { volume, info: own } = snapshot;
  const pairs = listSubvolumes(volume).flatMap((info): ChosenParent[] => {
    const mayBe = source.points.filter(({ ctransid }) => ctransid === info.ctransid);
    if (mayBe.length === 0 || !info.isReadOnly || info.id === own.id) return [];
    const candidate = openSubvolume(volume, info.id);
    const point = mayBe.find((one) => isSame(one, identityOf(candidate, one.excludes)));
    return point === undefined ? [] : [{ snapshot: candidate, point }];
  });
  const distance = ({ snapshot: { info } }: ChosenParent): number =>
    Math.abs(own.otransid - info.otransid);
  const nearestFirst = pairs.sort((a, b) => distance(a) - distance(b));
  const at = nearestFirst.findIndex(({ point }) => whole.has(point));
  const broken = at < 0 ? nearestFirst : nearestFirst.slice(0, at);
  return { parent: nearestFirst[at], broken: broken.map(({ point }) => point) };
}
