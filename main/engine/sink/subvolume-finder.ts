import { conflict, type DendroError } from '../../../shared/errors.ts';
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
  readonly #open = new Map<string, number>();
  #topLevel = -1;

  /** `target` is any open directory of the filesystem. */
  constructor(target: number) {
    this.#target = target;
  }

  /**
   * The snapshot's top directory, open until `close`.
   * Throws Conflict `parent-missing`, `parent-changed` or `parent-writable`.
   */
  open(uuid: Bytes, transid: number): number {
    const key = `${uuidText(uuid)} ${transid}`;
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const { id } = choose(this.#target, uuid, transid);
    if (this.#topLevel < 0) this.#topLevel = openTopLevel(this.#target);
    const path = subvolumePath(this.#target, id);
    if (path === undefined) throw missing(uuid);
    const fd = openBeneath(this.#topLevel, cString(path), O_RDONLY | O_DIRECTORY);
    this.#open.set(key, fd);
    return fd;
  }

  close(): void {
    for (const fd of this.#open.values()) closeFd(fd);
    this.#open.clear();
    if (this.#topLevel >= 0) closeFd(this.#topLevel);
    this.#topLevel = -1;
  }
}

function choose(target: number, uuid: Bytes, transid: number): RootFacts {
  let failure = missing(uuid);
  for (const facts of allRootFacts(target)) {
    const isReceived = facts.receivedUuid.equals(uuid);
    if (!isReceived && !facts.uuid.equals(uuid)) continue;
    const found = isReceived ? facts.stransid : facts.ctransid;
    if (found !== transid) failure = changed(uuid, transid, found);
    else if (!facts.readOnly) failure = writable(uuid);
    else return facts;
  }
  throw failure;
}

const SEND_FULL = 'Send a full stream, or one from a parent that both sides still have.';

function missing(uuid: Bytes): DendroError {
  const message = `The snapshot that this stream builds on (UUID ${uuidText(uuid)}) is not on the target.`;
  return conflict('parent-missing', message, { hint: SEND_FULL });
}

function changed(uuid: Bytes, wanted: number, found: number): DendroError {
  const message =
    `The target's copy of snapshot ${uuidText(uuid)} is of another state ` +
    `(transid ${found} instead of ${wanted}).`;
  return conflict('parent-changed', message, { hint: SEND_FULL });
}

function writable(uuid: Bytes): DendroError {
  const message = `The target's copy of snapshot ${uuidText(uuid)} was made writable, so it may have changed.`;
  return conflict('parent-writable', message, { hint: SEND_FULL });
}
