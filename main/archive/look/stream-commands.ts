import type { StreamCommand, StreamCommandName } from '../../../shared/model/stream.ts';
import type { VerbContext } from '../../engine/context.ts';
import { decodeStream } from '../../engine/stream/decode.ts';
import type { ByteSource } from '../../engine/stream/decode-source.ts';
import { STREAM_HEADER_SIZE, STREAM_MAGIC } from '../../engine/stream/protocol.ts';
import { RecordingSink, type CommandRecord } from './command-record.ts';
import { lookedAt, type Looked, type LookInput, type Mark } from './look-stream.ts';

export interface CommandsInput extends LookInput {
  readonly offset: number;
  readonly limit: number;
}

/** Commands by their number; none behind the last that can be read. @throws as `lookStream` */
export async function listStreamCommands(
  { offset, limit, ...input }: CommandsInput,
  context: VerbContext,
): Promise<StreamCommand[]> {
  const looked = await lookedAt(input, context);
  const found: StreamCommand[] = [];
  await readFrom(looked, offset, context, (command) => {
    found.push(command);
    return found.length < limit;
  });
  return found;
}

export interface SearchInput extends LookInput {
  /** None: of any kind. */
  readonly names: readonly StreamCommandName[];
  /** Part of a path, whatever its case. */
  readonly text: string;
  readonly after: number;
  readonly limit: number;
}

/** A search gives what it has after so many commands, so that it can be shown and cancelled. */
const MOST_SEARCHED = 2_000_000;

export async function searchStreamCommands(
  { names, text, after, limit, ...input }: SearchInput,
  context: VerbContext,
): Promise<{ commands: StreamCommand[]; next: number | null }> {
  const looked = await lookedAt(input, context);
  const wanted = new Set(names);
  const sought = text.toLowerCase();
  const found: StreamCommand[] = [];
  let next: number | null = null;
  await readFrom(looked, after, context, (command) => {
    const hasName = wanted.size === 0 || wanted.has(command.name);
    if (hasName && (sought === '' || holds(command, sought))) found.push(command);
    if (found.length < limit && command.index - after < MOST_SEARCHED) return true;
    next = command.index + 1 < looked.look.commands ? command.index + 1 : null;
    return false;
  });
  return { commands: found, next };
}

function holds({ path, other }: StreamCommand, text: string): boolean {
  return path.toLowerCase().includes(text) || other?.toLowerCase().includes(text) === true;
}

class Enough extends Error {}

/** Hands out commands from a number on until `take` has enough or the readable part ends. */
async function readFrom(
  { bytes, look, marks }: Looked,
  from: number,
  { cancel }: VerbContext,
  take: (command: StreamCommand) => boolean,
): Promise<void> {
  const mark = lastMark(marks, from);
  if (mark === undefined || from >= look.commands) return;
  const input = bytes.open(mark.offset);
  const before = preamble(mark);
  // What is put before it is no command of this place.
  let index = mark.index - (mark.beginning === null ? 1 : 2);
  let place = { offset: 0, lengthBytes: 0 };
  const sink = new RecordingSink((record) => {
    if (index < from) return;
    if (index >= look.commands || !take(commandOf(record, index, place))) throw new Enough();
  });
  try {
    decodeStream(joined(before, input), sink, {
      cancel,
      onCommand: (command, offset) => {
        index += 1;
        place = { offset: mark.offset + offset - before.length, lengthBytes: command.length };
      },
    });
  } catch (error) {
    // The look has told where the stream is damaged.
    if (!(error instanceof Enough) && look.problem === null) throw error;
  } finally {
    input.close();
  }
}

function commandOf(
  { name, path, other, facts }: CommandRecord,
  index: number,
  place: { offset: number; lengthBytes: number },
): StreamCommand {
  const named = facts.map(([fact, value]) => ({ name: fact, value }));
  return { index, ...place, name, path, other, facts: named };
}

function lastMark(marks: readonly Mark[], index: number): Mark | undefined {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (marks[middle]!.index <= index) low = middle + 1;
    else high = middle;
  }
  return marks[low - 1];
}

/** The decoder wants a stream from its header on, and a subvolume from its first command on. */
function preamble({ version, beginning }: Mark): Buffer {
  const header = Buffer.alloc(STREAM_HEADER_SIZE);
  header.set(STREAM_MAGIC);
  header.writeUInt32LE(version, STREAM_MAGIC.length);
  return beginning === null ? header : Buffer.concat([header, beginning]);
}

function joined(before: Buffer, then: ByteSource): ByteSource {
  let used = 0;
  return {
    read(target, offset, length) {
      if (used === before.length) return then.read(target, offset, length);
      const part = before.subarray(used, used + length);
      target.set(part, offset);
      used += part.length;
      return part.length;
    },
  };
}
