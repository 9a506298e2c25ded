import { conflict, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { allRootFacts, subvolumePath, type RootFacts } from '../../linux/btrfs-ioctl-search.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openBeneath } from '../../linux/files.ts';
import { openTopLevel } from '../../linux/private-mount.ts';
import type { Bytes } from '../stream/command-sink.ts';
import { uuidText } from '../stream/dump-text.ts';

/**
 * Finds the snapshots that a stream builds on, wherever in the volume they lie: by received UUID
 * or UUID, and only read-only ones whose transid proves that they did not change since.
 */
export class SubvolumeFinder {
  readonly #target: number;
  readonly #byUuid: boolean;
  readonly #open = new Map<string, number>();
  #topLevel = -1;
  #declared = '';

  /**
   * `target` is any open directory of the filesystem. `byUuid`: a received copy counts although
   * the stream names another transid, see `ofOneState`.
   */
  constructor(target: number, byUuid = false) {
    this.#target = target;
    this.#byUuid = byUuid;
  }

  /** The parent that the stream names: it may also be what the sender's parent is a copy of. */
  declareParent(uuid: Bytes, transid: number): void {
    this.#declared = keyOf(uuid, transid);
  }

  /**
   * The snapshot's top directory, open until `close`.
   * Throws Conflict `parent-missing`, `parent-changed` or `parent-writable`.
   */
  open(uuid: Bytes, transid: number): number {
    const key = keyOf(uuid, transid);
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const { id } = this.#choose(uuid, transid, key === this.#declared);
    if (this.#topLevel < 0) this.#topLevel = openTopLevel(this.#target);
    const path = subvolumePath(this.#target, id);
    if (path === undefined) throw missing(uuid);
    const fd = openBeneath(this.#topLevel, cString(path), O_RDONLY | O_DIRECTORY);
    this.#open.set(key, fd);
    return fd;
  }

  /**
   * Of several the copy that came last: where the same snapshot came once in full and once without
   * some paths, as out of an archive that was purged, what comes next was made for that one.
   */
  #choose(uuid: Bytes, transid: number, mayBeOrigin: boolean): RootFacts {
    let failure = missing(uuid);
    const copies: RootFacts[] = [];
    let origin: RootFacts | undefined;
    let newest: RootFacts | undefined;
    for (const facts of allRootFacts(this.#target)) {
      const isReceived = facts.receivedUuid.equals(uuid);
      if (!isReceived && !facts.uuid.equals(uuid)) continue;
      if (isReceived) copies.push(facts);
      if (!facts.readOnly) failure = writable(uuid);
      else if (isReceived ? isAsReceived(facts, transid) : isAsMade(facts, transid, mayBeOrigin)) {
        if (!isReceived) origin = facts;
        else if (newest === undefined || facts.rtransid >= newest.rtransid) newest = facts;
      } else failure = changed(uuid, transid, isReceived ? facts.stransid : facts.ctransid);
    }
    const found = newest ?? origin;
    if (found !== undefined) return found;
    const trusted = this.#byUuid ? ofOneState(copies) : undefined;
    if (trusted !== undefined) return trusted;
    throw failure;
  }

  close(): void {
    for (const fd of this.#open.values()) closeFd(fd);
    this.#open.clear();
    if (this.#topLevel >= 0) closeFd(this.#topLevel);
    this.#topLevel = -1;
  }
}

const SETTLING_MS = 600_000;

type Lineage = Pick<
  RootFacts,
  'stransid' | 'ctransid' | 'rtransid' | 'changedAtMs' | 'receivedAtMs'
>;

function keyOf(uuid: Bytes, transid: number): string {
  return `${uuidText(uuid)} ${transid}`;
}

/**
 * Of the sender's state, and not made writable and changed since it came. The stock tool does not
 * wait for what it wrote: the kernel may place that after it was marked as received.
 */
export function isAsReceived(facts: Lineage, transid: number): boolean {
  const { stransid, ctransid, rtransid, changedAtMs, receivedAtMs } = facts;
  const isSettling = changedAtMs - receivedAtMs <= SETTLING_MS;
  return stransid === transid && (ctransid <= rtransid || isSettling);
}

/**
 * A copy to be taken by its UUID alone. A sender that received its parent itself names it by the
 * transid that its own copy has, which says nothing to anybody else. What can be checked here is
 * checked: no copy was made writable or changed, and all are of one state.
 */
function ofOneState(copies: readonly RootFacts[]): RootFacts | undefined {
  const [first, ...others] = copies;
  if (first === undefined || others.some(({ stransid }) => stransid !== first.stransid)) return;
  return copies.every((copy) => copy.readOnly && isAsReceived(copy, copy.stransid))
    ? first
    : undefined;
}

/**
 * The snapshot itself. What is sent back to where it came from names the transid that the copy
 * has at the sender; a snapshot that never changed since it was made has one state only.
 */
function isAsMade(
  { ctransid, otransid }: RootFacts,
  transid: number,
  mayBeOrigin: boolean,
): boolean {
  return ctransid === transid || (mayBeOrigin && ctransid <= otransid);
}

const SEND_FULL = 'Send a full stream, or one from a parent that both sides still have.';

function missing(uuid: Bytes): DendroError {
  const message = say`The snapshot that this stream builds on (UUID ${{ uuid: uuidText(uuid) }}) is not on the target.`;
  return conflict('parent-missing', message, { hint: SEND_FULL });
}

function changed(uuid: Bytes, wanted: number, found: number): DendroError {
  const message = say`The target's copy of snapshot ${{ uuid: uuidText(uuid) }} is of another state (transid ${{ found }} instead of ${{ wanted }}).`;
  const hint =
    `${SEND_FULL} If the sender received it from elsewhere, and both copies are the same, ` +
    `dendro receive --parent-by-uuid takes it.`;
  return conflict('parent-changed', message, { hint });
}

function writable(uuid: Bytes): DendroError {
  const message = say`The target's copy of snapshot ${{ uuid: uuidText(uuid) }} was made writable, so it may have changed.`;
  return conflict('parent-writable', message, { hint: SEND_FULL });
}
