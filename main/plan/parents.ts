import type { Subvolume } from '../../shared/model/subvolume.ts';
import { noted, say, type Note } from '../../shared/said.ts';
import { printable } from '../../shared/model/bytes-text.ts';

export interface ParentPair {
  /** The snapshot on the sender's side. */
  readonly local: Subvolume;
  /** The same snapshot on the receiver's side. */
  readonly remote: RemoteSubvolume;
  /** What the receiver has it without. */
  readonly excludes: readonly string[];
}

/** What is asked of a subvolume at the receiver, which may be another computer. */
export type RemoteSubvolume = Pick<
  Subvolume,
  'path' | 'uuid' | 'receivedUuid' | 'readOnly' | 'whole' | 'stransid'
>;

/** A snapshot as it may have been sent: without some paths it goes by another uuid. */
export interface SentAs {
  readonly uuid: string;
  readonly excludes: readonly string[];
}

export interface CommonParents {
  /** Nearest relative first, newest first. */
  readonly pairs: readonly ParentPair[];
  /** Sentences on what looks like a parent and is none. */
  readonly notes: readonly Note[];
}

/**
 * The snapshots that both sides hold unchanged, so that a difference against them can be
 * applied. A shared uuid alone proves nothing: the copy must be read-only, complete, carry the
 * sender's generation, and not have changed since it was received.
 * @param formsOf the forms, other than whole, in which a snapshot of that stream uuid was sent.
 */
export function commonParents(
  snapshot: Subvolume,
  local: readonly Subvolume[],
  remote: readonly RemoteSubvolume[],
  formsOf: (uuid: string) => readonly SentAs[] = () => [],
): CommonParents {
  const notes: Note[] = [];
  const pairs: ParentPair[] = [];
  for (const candidate of local) {
    if (!canBeParent(candidate) || candidate.subvolumeId === snapshot.subvolumeId) continue;
    const own = streamUuid(candidate)!;
    const copies = [{ uuid: own, excludes: [] }, ...formsOf(own)].flatMap(({ uuid, excludes }) =>
      remote.filter((copy) => isCopy(uuid, copy)).map((copy) => ({ copy, excludes })),
    );
    const good = copies.find(({ copy }) => doubt(candidate, copy) === undefined);
    if (good) pairs.push({ local: candidate, remote: good.copy, excludes: good.excludes });
    else notes.push(...copies.map(({ copy }) => doubt(candidate, copy)!));
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

function isCopy(uuid: string, remote: RemoteSubvolume): boolean {
  return remote.receivedUuid === uuid || (remote.uuid === uuid && remote.receivedUuid === null);
}

/** Why the remote one cannot stand for the local one; undefined when it can. */
function doubt(local: Subvolume, remote: RemoteSubvolume): Note | undefined {
  const at = say`${{ path: printable(remote.path) }}`;
  // One that is being received is writable, too.
  if (!remote.whole) return noted('parent-partial', say`${at}: it was received only in part.`);
  if (!remote.readOnly)
    return noted('parent-writable', say`${at}: it is no longer read-only, so it may have changed.`);
  if (remote.receivedUuid === null) return undefined;
  const sent = local.receivedUuid === null ? local.ctransid : local.stransid;
  if (remote.stransid !== sent)
    return noted('parent-changed', say`${at}: the snapshot was changed after it was sent.`);
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
