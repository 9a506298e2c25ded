import { DendroError, noteOfError } from '../../../shared/errors.ts';
import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { Note } from '../../../shared/said.ts';
import { keepRecord, recordsDueIn } from '../proof/kept-records.ts';
import { recordFor, SentRecord } from '../proof/sent-record.ts';
import { identityOf as sentAs } from '../send-identity.ts';
import type { SendRequest } from '../send.ts';
import { keyOf } from '../sink/record-marks.ts';
import type { StreamIdentity } from '../sink/stream-identity.ts';
import { listSubvolumes, openSubvolume, type Subvolume } from '../tree/index.ts';
import type { Volume } from '../volume/index.ts';
import { headOf, identityOfHead } from './stream-head.ts';

/** The folder of records at a target, here or at the other end of a line. */
export interface RecordStore {
  /** The snapshots in place whose record was to be stored there and is not. */
  due(): readonly StreamIdentity[];
  /** False: it is larger than what is stored there, and never will be. */
  keep(identity: StreamIdentity, packed: Buffer): boolean;
}

/** What became of the records, beside that of a snapshot that was sent just now. */
export interface SettledRecords {
  /** Names of snapshots whose record an earlier run was stopped before. */
  readonly made: readonly string[];
  /** The same, where it could not be made now either. */
  readonly failed: readonly { readonly name: string; readonly reason: Note }[];
  /** Names of snapshots that get none. */
  readonly tooLarge: readonly string[];
}

export const NOTHING_SETTLED: SettledRecords = { made: [], failed: [], tooLarge: [] };

export function recordsHere(target: Uint8Array): RecordStore {
  return {
    due: () => recordsDueIn(target),
    keep: (identity, packed) => {
      keepRecord(target, identity, packed);
      return true;
    },
  };
}

/**
 * Stores the record of what `request` sent, which `own` has listened to, or which is due from an
 * earlier run. Before that those of other snapshots that are due at the target and whose source
 * is on the same volume, for a record takes hashes from that of its parent. What fails of these
 * is told, and due again the next time.
 */
export function settleRecords(
  request: SendRequest,
  store: RecordStore,
  own: SentRecord | undefined,
  cancel?: { check(): void },
): SettledRecords {
  const identity = identityOfHead(headOf(request));
  const due = store.due();
  const sources = new Sources(request.volume, due.length);
  const settled = { made: [] as string[], failed: [] as { name: string; reason: Note }[] };
  const tooLarge: string[] = [];
  const keep = (whose: StreamIdentity, packed: Buffer): void => {
    if (!store.keep(whose, packed)) tooLarge.push(textFromBytes(whose.name));
  };
  const make = (one: StreamIdentity, snapshot: Subvolume): void => {
    const { volume } = request;
    const parent = sources.parentOf(one);
    keep(one, new SentRecord().packed({ volume, snapshot, ...(parent && { parent }) }, cancel));
    settled.made.push(textFromBytes(one.name));
  };
  const isOwn = (one: StreamIdentity): boolean => keyOf(one) === keyOf(identity);
  // The oldest first: what builds on it comes later.
  for (const one of [...due].sort((a, b) => a.ctransid - b.ctransid)) {
    const snapshot = isOwn(one) ? undefined : sources.find(one);
    if (snapshot === undefined) continue;
    try {
      make(one, snapshot);
    } catch (error) {
      if (!(error instanceof DendroError) || error.kind === 'Cancelled') throw error;
      settled.failed.push({ name: textFromBytes(one.name), reason: noteOfError(error) });
    }
  }
  const left = due.find(isOwn);
  if (own !== undefined) keep(identity, own.packed(request, cancel));
  else if (left !== undefined && recordFor(request) !== undefined) make(left, request.snapshot);
  return { ...settled, tooLarge };
}

/** The read-only snapshots of a volume, by what they are as a stream says it. */
class Sources {
  readonly #volume: Volume;
  readonly #ids = new Map<string, number>();

  constructor(volume: Volume, wanted: number) {
    this.#volume = volume;
    if (wanted === 0) return;
    for (const info of listSubvolumes(volume, true)) {
      if (info.isReadOnly && info.isReachable) this.#ids.set(keyOf(sentAs({ info })), info.id);
    }
  }

  find(whose: Pick<StreamIdentity, 'uuid' | 'ctransid'>): Subvolume | undefined {
    const id = this.#ids.get(keyOf(whose));
    return id === undefined ? undefined : openSubvolume(this.#volume, id);
  }

  /** What it was sent upon; where that is gone, all of it is read. */
  parentOf({ parentUuid: uuid, parentCtransid: ctransid }: StreamIdentity): Subvolume | undefined {
    if (uuid === undefined || ctransid === undefined) return undefined;
    return this.find({ uuid, ctransid });
  }
}
