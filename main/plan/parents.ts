import type { Subvolume } from '../../shared/model/subvolume.ts';

export interface ParentPair {
  /** The snapshot on the sender's side. */
  readonly local: Subvolume;
  /** The same snapshot on the receiver's side. */
  readonly remote: Subvolume;
}

export interface CommonParents {
  /** Nearest relative first, newest first. */
  readonly pairs: readonly ParentPair[];
  /** Sentences on what looks like a parent and is none. */
  readonly notes: readonly string[];
}

/**
 * The snapshots that both sides hold unchanged, so that a difference against them can be
 * applied. A shared uuid alone proves nothing: the copy must be read-only, complete, carry the
 * sender's generation, and not have changed since it was received.
 */
export function commonParents(
  snapshot: Subvolume,
  local: readonly Subvolume[],
  remote: readonly Subvolume[],
): CommonParents {
  const notes: string[] = [];
  const pairs: ParentPair[] = [];
  for (const candidate of local) {
    if (!canBeParent(candidate) || candidate.subvolumeId === snapshot.subvolumeId) continue;
    const copies = remote.filter((copy) => isCopy(candidate, copy));
    const good = copies.find((copy) => doubt(candidate, copy) === undefined);
    if (good) pairs.push({ local: candidate, remote: good });
    else notes.push(...copies.map((copy) => `${copy.path}: ${doubt(candidate, copy)}`));
  }
  pairs.sort((a, b) => distance(snapshot, a.local) - distance(snapshot, b.local));
  return { pairs, notes };
}

/** What the stream will call it: what it was received as, else its own uuid. */
export function streamUuid(subvolume: Subvolume): string | null {
  return subvolume.receivedUuid ?? subvolume.uuid;
}

function canBeParent(subvolume: Subvolume): boolean {
  return subvolume.readOnly && subvolume.whole && subvolume.uuid !== null;
}

function isCopy(local: Subvolume, remote: Subvolume): boolean {
  const uuid = streamUuid(local);
  return remote.receivedUuid === uuid || (remote.uuid === uuid && remote.receivedUuid === null);
}

/** Why the remote one cannot stand for the local one; undefined when it can. */
function doubt(local: Subvolume, remote: Subvolume): string | undefined {
  if (!remote.readOnly) return 'it is no longer read-only, so it may have changed.';
  if (!remote.whole) return 'it was received only in part.';
  if (remote.receivedUuid === null) return undefined;
  const sent = local.receivedUuid === null ? local.ctransid : local.stransid;
  if (remote.stransid !== sent) return 'the snapshot was changed after it was sent.';
  return undefined;
}

/** Relatives of the same source first, then by how long ago they were taken. */
function distance(snapshot: Subvolume, candidate: Subvolume): number {
  const related =
    candidate.parentUuid !== null &&
    (candidate.parentUuid === snapshot.parentUuid || candidate.uuid === snapshot.parentUuid);
  const age = Math.abs(snapshot.otransid - candidate.otransid);
  return related ? age : age + Number.MAX_SAFE_INTEGER / 2;
}
