import { DendroError } from '../../../shared/errors.ts';
import { closeFd, cString, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, openPath } from '../../linux/files.ts';
import { Attributes } from './attributes.ts';
import type { Progress } from './command-count.ts';
import { linesIn } from './file-lines.ts';
import { JOURNAL, type JournalState } from './folder-journal.ts';
import { addLine } from './folder-lines.ts';
import { FolderMemory, type Entry } from './folder-memory.ts';
import type { Loss } from './loss-report.ts';
import { attributesOf } from './memo-fields.ts';
import { latin1 } from './path-names.ts';

type Line = Readonly<Record<string, unknown>>;

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
      if (isDone && line['path'] !== undefined) takeIn(new FolderMemory(), line);
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
  const entry = takeIn(memory, line);
  const { memo, copy } = entry;
  if (memo === undefined) return;
  if (typeof line['late'] === 'number') {
    memo.late = line['late'];
    memory.has.late = true;
  }
  if (line['isChanged'] === true) memo.changed = memory.copy(entry);
  else if (memo.changed === copy) memo.changed = undefined;
}

/** Throws on what is no line of a name. */
function takeIn(memory: FolderMemory, line: Line): Entry {
  const keeps = line['keeps'] === true;
  const entry = addLine(memory, line, keeps);
  if (!keeps || entry.memo === undefined) return entry;
  const attributes = (entry.memo.xattrs ??= new Attributes());
  const { set = [], unset = [] } = line as { set?: [string, string][]; unset?: string[] };
  for (const [name, value] of attributesOf(set)) attributes.set(name, value);
  for (const name of unset) attributes.delete(latin1(bytes(name)));
  return entry;
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
