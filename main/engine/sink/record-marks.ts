import { allRootFacts } from '../../linux/btrfs-ioctl-search.ts';
import {
  AT_SYMLINK_NOFOLLOW,
  closeFd,
  cString,
  filesystemOf,
  MAGIC,
  statAt,
} from '../../linux/files.ts';
import { ERRNO, isErrno } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import { listLeftovers } from './leftover.ts';
import { namesIn, openFolder, openPrivateFolder, readText, writeText } from './private-folder.ts';
import { identityJson, identityOf, parseIdentity, type StreamIdentity } from './stream-identity.ts';

/**
 * Beside the snapshots of a target, each file named for what it is of: `UUID-CTRANSID.jsonl.zst`,
 * the record, and until that is there `UUID-CTRANSID.due`, which says that whoever sends makes one;
 * or, of a copy that lacks some paths and has no record, `UUID-CTRANSID.without`.
 */
export const RECORDS_NAME = '.dendro-records';
const RECORD = '.jsonl.zst';
const MARK = '.due';
const FORM = '.without';
const NAME = /^([0-9a-f]{32})-(\d{1,16})(\.jsonl\.zst|\.due|\.without)$/;
/** What versions before this one wrote a record into first. */
const OLD_UNFINISHED = 'new';
/** More than this is a drive that nobody looked after; the rest is told once these are made. */
const MAX_TOLD = 10_000;

/** Of which snapshot, in which state. */
export interface Whose {
  readonly uuid: Uint8Array;
  readonly ctransid: number;
}

/** The file of a record in the folder of records. */
export function recordFile(whose: Whose): string {
  return keyOf(whose) + RECORD;
}

/** The file that says what a copy lacks. */
export function formFile(whose: Whose): string {
  return keyOf(whose) + FORM;
}

/** The uuid (32 digits) of the copy of which a file says what it lacks; undefined for any other. */
export function formOf(name: string): string | undefined {
  const [, uuid, , kind] = NAME.exec(name) ?? [];
  return kind === FORM ? uuid : undefined;
}

/** What a file in the folder of records is of; undefined for what is none of ours. */
export function recordedKey(name: string): string | undefined {
  const [, uuid, ctransid] = NAME.exec(name) ?? [];
  return uuid === undefined ? undefined : `${uuid}-${ctransid}`;
}

export function keyOf({ uuid, ctransid }: Whose): string {
  return `${Buffer.from(uuid).toString('hex')}-${ctransid}`;
}

/**
 * Before a snapshot is put in place whose sender will store its record: should it be stopped before
 * it has, the next one knows. To be brought onto the drive by whoever calls.
 */
export function markRecordDue(target: number, identity: StreamIdentity): void {
  const records = openPrivateFolder(target, RECORDS_NAME);
  try {
    writeText(records, keyOf(identity) + MARK, identityJson(identity));
  } finally {
    closeFd(records);
  }
}

/** The record is stored, or will never be. `records` is the folder of them. */
export function unmarkRecord(records: number, whose: Whose): void {
  libc().unlinkat(records, cString(keyOf(whose) + MARK), 0);
}

/** Whether the record of this snapshot was to be stored and is not. */
export function isRecordDue(target: number, whose: Whose): boolean {
  const records = openRecords(target);
  if (records === undefined) return false;
  try {
    const names = namesIn(records);
    return names.includes(keyOf(whose) + MARK) && !names.includes(recordFile(whose));
  } finally {
    closeFd(records);
  }
}

export interface RecordDue extends StreamIdentity {
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
}

/** The snapshots in place on the filesystem of `target` whose record was to be stored in it. */
export function recordsDue(target: number): RecordDue[] {
  const records = openRecords(target);
  if (records === undefined) return [];
  try {
    const names = new Set(namesIn(records));
    const marks = [...names].filter((name) => name.endsWith(MARK) && NAME.test(name));
    const open = marks.filter((name) => !names.has(name.slice(0, -MARK.length) + RECORD));
    if (open.length === 0) return [];
    const there = receivedOn(target);
    return open
      .filter((name) => there.has(recordedKey(name)!))
      .slice(0, MAX_TOLD)
      .map((name) => ({ ...markedAs(records, name), sinceMs: writtenAtMs(records, name) }));
  } finally {
    closeFd(records);
  }
}

/** By `keyOf`: what was received anywhere on the filesystem. */
export function receivedOn(target: number): Set<string> {
  const there = new Set<string>();
  for (const { receivedUuid, stransid } of allRootFacts(target)) {
    there.add(keyOf({ uuid: receivedUuid, ctransid: stransid }));
  }
  return there;
}

/** What a mark says; one whose text is lost is known by its name, and what it built on is not. */
function markedAs(records: number, name: string): StreamIdentity {
  const said = parseIdentity(readText(records, name) ?? '');
  if (said !== undefined && keyOf(said) + MARK === name) return said;
  const [, uuid, ctransid] = NAME.exec(name)!;
  return identityOf(Buffer.from(uuid!), Buffer.from(uuid!, 'hex'), Number(ctransid));
}

function writtenAtMs(records: number, name: string): number {
  const { modified } = statAt(records, cString(name), AT_SYMLINK_NOFOLLOW);
  return modified.seconds * 1000;
}

/**
 * Removes what is of snapshots that are gone. In this order: what is on its way has a leftover until
 * it is in place, and its mark is younger than that.
 */
export function removeOrphans(target: number, records: number): void {
  const names = namesIn(records);
  const coming = listLeftovers(target).map(({ identity }) => keyOf(identity));
  const there = receivedOn(target);
  for (const key of coming) there.add(key);
  for (const name of names) {
    const key = recordedKey(name);
    const isOrphan = key === undefined ? name === OLD_UNFINISHED : !there.has(key);
    if (isOrphan) libc().unlinkat(records, cString(name), 0);
  }
}

/** To look only; undefined where there are none, as on any other filesystem. */
export function openRecords(target: number): number | undefined {
  if (filesystemOf(target).magic !== MAGIC.btrfs) return undefined;
  try {
    return openFolder(target, cString(RECORDS_NAME));
  } catch (error) {
    if (isErrno(error, ERRNO.ENOENT, ERRNO.ENOTDIR, ERRNO.ELOOP)) return undefined;
    throw error;
  }
}
