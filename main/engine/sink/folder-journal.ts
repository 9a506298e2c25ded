import { renameSync } from 'node:fs';
import {
  closeFd,
  cString,
  O_CREAT,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  openPath,
  writeAllAt,
} from '../../linux/files.ts';
import { DendroError } from '../../../shared/errors.ts';
import { checked } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import { FolderMemory, type Entry } from './folder-memory.ts';
import { latin1 } from './path-names.ts';
import { addLine, toLine } from './folder-lines.ts';
import { linesIn } from './file-lines.ts';
import type { Progress } from './command-count.ts';
import type { Loss } from './loss-report.ts';
import type { Bytes } from '../stream/command-sink.ts';

const JOURNAL = 'journal';
/** So many commands may come between two marks; a run that goes on at one repeats no more. */
export const COMMANDS_BETWEEN_MARKS = 1 << 16;

/** What can be gone on with. */
export interface JournalState {
  readonly progress: Progress;
  readonly memory: FolderMemory;
  /** Names on disk that were chosen for commands after it, by the stream's path. */
  readonly claims: Map<string, Buffer>;
  /** What is told at the end and stands nowhere else. */
  readonly losses: readonly Loss[];
}

type Line = Readonly<Record<string, unknown>>;

/**
 * What a receive into a plain folder remembers, written down while it goes on: lines of JSON,
 * each with the number `at` of commands that are done with it.
 *
 *   {"at":9,"path":..,..}           one name, as in the sidecar; `late` and `isChanged` beside
 *   {"at":9,"gone":PATH}            nothing is to be remembered of it any more
 *   {"at":9,"from":PATH,"to":PATH}  all that is known of it, and below it, is at `to` now
 *   {"at":9,"claim":PATH,"real":..} the name on disk that command 9 is about to make
 *   {"at":9,"lost":LOSS}            what command 9 was to keep and could not
 *   {"at":9,"hash":H}               a mark: all of it is on the drive
 *   {"at":9,"isUnsafe":true}        what comes now cannot be repeated from the mark before
 *
 * After a kill every line counts up to the command that the progress page names. After a power
 * cut the last mark does, unless something unsafe came after it.
 */
export class FolderJournal {
  readonly #fd: number;
  readonly #memory: FolderMemory;
  #end = 0;
  #isUnsafe = false;

  /** Begins a new one with all of a state; it takes the place of what was there at once. */
  constructor(folder: string, { memory, progress, claims, losses }: JournalState, isMark: boolean) {
    this.#memory = memory;
    const flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW;
    this.#fd = openPath(cString(`${folder}/${JOURNAL}.new`), flags, 0o600);
    try {
      for (const { text, entry } of memory.walk()) this.note(0, text, entry);
      for (const [path, real] of claims) {
        this.claim(progress.commands + 1, Buffer.from(path, 'latin1'), real);
      }
      for (const loss of losses) this.lost(0, loss);
      if (isMark) this.mark(progress);
      else this.#sync();
      renameSync(`${folder}/${JOURNAL}.new`, `${folder}/${JOURNAL}`);
    } catch (error) {
      closeFd(this.#fd);
      throw error;
    }
  }

  /** Writes what is known of a name now, unless the journal says so already. */
  note(at: number, path: Bytes | string, entry: Entry): void {
    const isNothing = entry.real === undefined && entry.memo === undefined;
    if (isNothing && entry.written === undefined) return;
    const { memo } = entry;
    const line = JSON.stringify({
      ...toLine(path, entry, this.#memory),
      late: memo?.late,
      isChanged: (memo?.changed !== undefined && memo.changed === entry.copy) || undefined,
    });
    if (entry.written === line) return;
    this.#write(`{"at":${at},${line.slice(1)}\n`);
    entry.written = line;
  }

  gone(at: number, path: Bytes): void {
    this.#write(`{"at":${at},"gone":"${hex(path)}"}\n`);
  }

  moved(at: number, from: Bytes, to: Bytes): void {
    this.#write(`{"at":${at},"from":"${hex(from)}","to":"${hex(to)}"}\n`);
  }

  /** To be called before the name is made. */
  claim(at: number, path: Bytes, real: Bytes): void {
    this.#write(`{"at":${at},"claim":"${hex(path)}","real":"${hex(real)}"}\n`);
  }

  lost(at: number, loss: Loss): void {
    this.#write(`{"at":${at},"lost":${JSON.stringify(loss)}}\n`);
  }

  /** To be called when all that came before is on the drive. */
  mark({ commands, hash }: Progress): void {
    this.#write(`{"at":${commands},"hash":${hash}}\n`);
    this.#sync();
    this.#isUnsafe = false;
  }

  /** To be called before a command that must not be repeated. */
  unsafe(at: number): void {
    if (this.#isUnsafe) return;
    this.#write(`{"at":${at},"isUnsafe":true}\n`);
    this.#sync();
    this.#isUnsafe = true;
  }

  close(): void {
    closeFd(this.#fd);
  }

  #write(line: string): void {
    const bytes = Buffer.from(line);
    writeAllAt(this.#fd, bytes, this.#end, Buffer.from(JOURNAL));
    this.#end += bytes.length;
  }

  #sync(): void {
    checked(libc().fsync(this.#fd), 'write to the drive', JOURNAL);
  }
}

/** Where memories of trees come from, of which each line is taken in. */
export type NewMemory = () => FolderMemory;

/** The state after `progress`, which a killed run left. */
export function stateAt(
  folder: string,
  progress: Progress,
  newMemory: NewMemory,
): JournalState | undefined {
  return withJournal(folder, (fd) => stateOf(linesOf(fd), progress, newMemory()));
}

/** The last state that is sure to be on the drive and can be gone on with. */
export function stateAtMark(folder: string, newMemory: NewMemory): JournalState | undefined {
  return withJournal(folder, (fd) => {
    const mark = lastMark(linesOf(fd));
    return mark && stateOf(firstOf(linesOf(fd), mark.index), mark.progress, newMemory());
  });
}

/** Whether there is a state after `progress`, without the memory that it takes. */
export function hasStateAt(folder: string, progress: Progress): boolean {
  const isSound = (fd: number): boolean => areSound(linesOf(fd), progress);
  return withJournal(folder, isSound) === true;
}

/** How far the state at the last mark is, without the memory that it takes. */
export function progressAtMark(folder: string): Progress | undefined {
  return withJournal(folder, (fd) => {
    const mark = lastMark(linesOf(fd));
    if (mark === undefined) return undefined;
    return areSound(firstOf(linesOf(fd), mark.index), mark.progress) ? mark.progress : undefined;
  });
}

function lastMark(lines: Iterable<Line>): { index: number; progress: Progress } | undefined {
  let mark: { index: number; at: unknown; hash: unknown } | undefined;
  let index = 0;
  let isUnsafe = false;
  for (const { at, hash, isUnsafe: isWarning } of lines) {
    if (hash !== undefined) {
      mark = { index, at, hash };
      isUnsafe = false;
    }
    isUnsafe ||= isWarning === true;
    index += 1;
  }
  if (mark === undefined || isUnsafe) return undefined;
  const { at, hash } = mark;
  if (typeof at !== 'number' || typeof hash !== 'number') return undefined;
  return { index: mark.index, progress: { commands: at, hash } };
}

function* firstOf(lines: Iterable<Line>, count: number): Generator<Line> {
  let index = 0;
  for (const line of lines) {
    if (index === count) return;
    yield line;
    index += 1;
  }
}

/** Each line by itself. */
function areSound(lines: Iterable<Line>, { commands }: Progress): boolean {
  try {
    for (const line of lines) {
      const isDone = Number(line['at']) <= commands;
      if (isDone && line['path'] !== undefined) addLine(new FolderMemory(), line);
    }
    return true;
  } catch (error) {
    if (isOfDrive(error)) throw error;
    return false;
  }
}

function stateOf(
  lines: Iterable<Line>,
  progress: Progress,
  memory: FolderMemory,
): JournalState | undefined {
  const claims = new Map<string, Buffer>();
  const losses: Loss[] = [];
  try {
    for (const line of lines) {
      const at = Number(line['at']);
      if (at <= progress.commands && line['lost'] !== undefined) losses.push(line['lost'] as Loss);
      else if (at <= progress.commands) apply(memory, line);
      else if (line['claim'] !== undefined) {
        claims.set(latin1(bytes(line['claim'])), bytes(line['real']));
      }
      memory.rest();
    }
    memory.endOfLines();
  } catch (error) {
    // The drive, where the rest of what is remembered goes, may be full.
    if (error instanceof DendroError) throw error;
    return undefined;
  }
  return { progress, memory, claims, losses };
}

function apply(memory: FolderMemory, line: Line): void {
  if (line['gone'] !== undefined) memory.remove(bytes(line['gone']));
  if (line['from'] !== undefined) {
    const entry = memory.remove(bytes(line['from']));
    memory.remove(bytes(line['to']));
    if (entry !== undefined) {
      delete entry.real;
      memory.put(bytes(line['to']), entry);
    }
  }
  if (line['path'] === undefined) return;
  const entry = addLine(memory, line);
  const { memo, copy } = entry;
  if (memo === undefined) return;
  if (typeof line['late'] === 'number') {
    memo.late = line['late'];
    memory.has.late = true;
  }
  if (line['isChanged'] === true) memo.changed = memory.copy(entry);
  else if (memo.changed === copy) memo.changed = undefined;
}

/** Undefined when there is no journal. @throws Io */
function withJournal<T>(folder: string, use: (fd: number) => T): T | undefined {
  let fd: number;
  try {
    fd = openPath(cString(`${folder}/${JOURNAL}`), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (isOfDrive(error)) throw error;
    return undefined;
  }
  try {
    return use(fd);
  } finally {
    closeFd(fd);
  }
}

/** Up to the first line that is not whole, or is none of a journal. @throws Io */
function* linesOf(fd: number): Generator<Line> {
  try {
    for (const line of linesIn(fd)) {
      const parsed = line.endsWith('\n') ? (JSON.parse(line) as Line | null) : null;
      if (parsed === null) return;
      yield parsed;
    }
  } catch (error) {
    const isNone = error instanceof SyntaxError || error instanceof DendroError;
    if (!isNone || isOfDrive(error)) throw error;
  }
}

/** What cannot be read now may be there: it is not taken for nothing. */
function isOfDrive(error: unknown): boolean {
  return error instanceof DendroError && error.kind === 'Io';
}

function bytes(text: unknown): Buffer {
  return Buffer.from(String(text), 'hex');
}

function hex(path: Bytes): string {
  return Buffer.from(path).toString('hex');
}
