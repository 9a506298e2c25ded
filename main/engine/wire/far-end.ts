import { readSync, writeSync } from 'node:fs';
import { corrupt, toErrorData } from '../../../shared/errors.ts';
import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import {
  allRootFacts,
  parentSubvolume,
  subvolumePath,
  type RootFacts,
} from '../../linux/btrfs-ioctl-search.ts';
import {
  closeFd,
  cString,
  filesystemOf,
  MAGIC,
  O_DIRECTORY,
  O_RDONLY,
  openPath,
} from '../../linux/files.ts';
import { widenPipe } from '../../linux/pipes.ts';
import { forgoRecord, keepRecord, recordsDueIn } from '../proof/kept-records.ts';
import { agree, leftoversIn, progressOf, receive } from '../receive.ts';
import { assertBtrfs } from '../sink/assert-target.ts';
import { removeReceived } from '../sink/remove-received.ts';
import { isStagedPath } from '../sink/staged-path.ts';
import { fdSource } from '../stream/decode-source.ts';
import { uuidText } from '../verbs/uuid-text.ts';
import {
  CAN_RECORDS_DUE,
  Question,
  WIRE_VERSION,
  type Described,
  type FarSubvolume,
} from './messages.ts';
import { headOfIdentity, identityOfHead } from '../transfer/stream-head.ts';

const ELSEWHERE = 'Name a folder on a btrfs, or pipe into: ssh HOST dendro receive --plain FOLDER';
const MAX_LINE_BYTES = 64 << 20;
const NEWLINE = 0x0a;

/**
 * Answers the questions of a `dendro send --to` at the other end until it hangs up. The first
 * error is told and is the end. Returns whether all went well.
 */
export function serveWire(input: number, output: number): boolean {
  const say = (message: object): void => writeLine(output, message);
  say({ dendro: WIRE_VERSION, can: [CAN_RECORDS_DUE] });
  try {
    for (let line = readLine(input); line !== undefined; line = readLine(input)) {
      answer(questionOf(line), input, say);
    }
    return true;
  } catch (error) {
    say({ error: toErrorData(error) });
    return false;
  }
}

function answer(question: Question, input: number, say: (message: object) => void): void {
  const folder = bytesFromText(question.folder);
  switch (question.do) {
    case 'describe':
      return say(describe(folder));
    case 'begin':
      return take(question, folder, input, say);
    case 'keep':
      say({ ready: true });
      keepRecord(folder, identityOfHead(question.stream), readExactly(input, question.bytes));
      return say({ kept: true });
    case 'remove':
      removeReceived(folder, question.uuid);
      return say({ removed: true });
    case 'records-due':
      return say({ due: recordsDueIn(folder).map(headOfIdentity) });
    case 'forgo-record':
      forgoRecord(folder, identityOfHead(question.stream));
      return say({ forgone: true });
  }
}

/** Says where the stream goes on, and receives it from there. */
function take(
  { stream, fingerprint, record }: Extract<Question, { do: 'begin' }>,
  folder: Uint8Array,
  input: number,
  say: (message: object) => void,
): void {
  assertBtrfs(folder, ELSEWHERE);
  const point = agree(folder, identityOfHead(stream), fingerprint);
  say(point);
  if (point.isComplete) return;
  widenPipe(input);
  const source = fdSource(input);
  const how = { stopAtEnd: true, fingerprint, marksRecord: record === true };
  const { snapshots } = receive({ source, target: folder, ...how });
  const { commands, losses, lossCount } = snapshots[0]!;
  // In English, as every version of the protocol tells them.
  const inEnglish = losses.map(({ path, what }) => ({ path, what: what.text }));
  say({ received: { commands, losses: inEnglish, lossCount } });
}

function describe(folder: Uint8Array): Described {
  const fd = openPath(cString(folder), O_RDONLY | O_DIRECTORY);
  try {
    const { magic, freeBytes, totalBytes } = filesystemOf(fd);
    const isBtrfs = magic === MAGIC.btrfs;
    const subvolumes = isBtrfs ? [...allRootFacts(fd)].map((facts) => facing(fd, facts)) : [];
    const leftovers = isBtrfs ? leftoversIn(folder) : [];
    return {
      ...{ isBtrfs, freeBytes, totalBytes, subvolumes },
      leftovers: leftovers.map(({ key, identity, resume, beganAtMs }) => ({
        key,
        name: textFromBytes(identity.name),
        command: progressOf(resume).commands,
        isComplete: resume.kind === 'complete',
        beganAtMs,
      })),
    };
  } finally {
    closeFd(fd);
  }
}

function facing(fd: number, facts: RootFacts): FarSubvolume {
  const { id, generation, ctransid, otransid, stransid, rtransid, readOnly, createdAtMs } = facts;
  const path = textFromBytes(subvolumePath(fd, id) ?? new Uint8Array(0));
  const [receivedUuid, parentUuid] = [uuidText(facts.receivedUuid), uuidText(facts.parentUuid)];
  return {
    subvolumeId: id,
    kind: receivedUuid !== null ? 'received' : parentUuid !== null ? 'snapshot' : 'subvolume',
    ...{ path, uuid: uuidText(facts.uuid), parentUuid, receivedUuid },
    parentId: parentSubvolume(fd, id) ?? 0,
    ...{ generation, ctransid, otransid, stransid, rtransid, readOnly, createdAtMs },
    whole: !isStagedPath(path),
  };
}

function questionOf(line: string): Question {
  try {
    return Question.parse(JSON.parse(line));
  } catch (cause) {
    throw corrupt('wire-malformed', 'The other end asks what is not understood here.', {
      hint: 'Use the same version of Dendro at both ends.',
      cause,
    });
  }
}

/** A line, byte for byte up to its end: what follows belongs to somebody else. */
function readLine(fd: number): string | undefined {
  const parts: Buffer[] = [];
  for (let length = 0; length <= MAX_LINE_BYTES;) {
    const part = Buffer.allocUnsafe(1 << 16);
    // The near end waits for each answer: nothing comes behind the line's end.
    const count = readSync(fd, part, 0, part.length, null);
    if (count === 0) return undefined;
    length += count;
    parts.push(part.subarray(0, count));
    if (part[count - 1] === NEWLINE) return Buffer.concat(parts).toString('utf8', 0, length - 1);
  }
  throw corrupt('wire-malformed', 'The other end sends a line without an end.');
}

function readExactly(fd: number, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let done = 0; done < length;) {
    const part = Buffer.allocUnsafe(Math.min(1 << 16, length - done));
    const count = readSync(fd, part, 0, part.length, null);
    if (count === 0) throw corrupt('wire-malformed', 'The other end hung up in the middle.');
    parts.push(part.subarray(0, count));
    done += count;
  }
  return Buffer.concat(parts);
}

function writeLine(fd: number, message: object): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}
