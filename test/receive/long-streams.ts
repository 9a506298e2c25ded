import { zstdCompressSync } from 'node:zlib';
import { ATTRIBUTE as A, COMMAND as C } from '../../main/engine/stream/protocol.ts';
import { Random } from '../harness/random.ts';
import { composeStream } from './compose-stream.ts';
import { mutateStream } from './mutate-stream.ts';
import { joinCommands, parseCommands, type Attribute, type Command } from './parse-commands.ts';

const SLOT_BYTES = 1 << 20;
const EXTENT = 128 << 10;
const FILE = Buffer.from('filler');
const data = new Random(0).bytes(3 * SLOT_BYTES);
const packed = zstdCompressSync(data.subarray(0, EXTENT).map((byte, i) => (i & 16 ? byte : 7)));

/**
 * Hostile streams that are longer than what a thread hands over at a time (`InputThread`): several one
 * after another, of versions of their own, with and without END, with large commands between theirs,
 * cut and spoilt where a slot ends, with something behind them that is no stream.
 */
export function longStream(bases: readonly Buffer[], random: Random, alien: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let count = random.pick([1, 1, 1, 2, 2, 3]); count > 0; count -= 1) {
    parts.push(oneOf(bases, random, alien, parts.length));
  }
  if (random.chance(0.15)) parts.push(garbage(random, bases));
  const stream = Buffer.concat(parts);
  if (random.chance(0.2)) spoil(stream, random);
  return random.chance(0.2) ? stream.subarray(0, placeIn(stream, random)) : stream;
}

function oneOf(bases: readonly Buffer[], random: Random, alien: Buffer, index: number): Buffer {
  const right = random.pick(bases);
  const made = random.pick([
    () => right,
    () => mutateStream(right, random, false, alien),
    () => composeStream(random, alien),
  ])();
  if (random.chance(0.1)) return mutateStream(right, random, true, alien);
  let parsed: ReturnType<typeof parseCommands>;
  try {
    parsed = parseCommands(made);
  } catch {
    return made;
  }
  const { commands } = parsed;
  if (index > 0 && random.chance(0.9)) renamed(commands, index);
  const version = random.chance(0.05) ? random.between(0, 5) : parsed.version;
  pad(commands, version, random);
  if (random.chance(0.2)) remove(commands, ({ number }) => number === C.end);
  return joinCommands(version, commands);
}

/** Another snapshot than the one before. */
function renamed(commands: readonly Command[], index: number): void {
  for (const { number, attributes } of commands) {
    if (number !== C.subvol && number !== C.snapshot) continue;
    for (const attribute of attributes) {
      if (attribute.type === A.path) attribute.value = Buffer.from(`new${index}`);
      if (attribute.type === A.uuid) attribute.value = Buffer.alloc(16, 9 + index);
    }
  }
}

/** Puts in what has many bytes, at random places between the first command and the END. */
function pad(commands: Command[], version: number, random: Random): void {
  const fillers: Command[] = [{ number: C.mkfile, attributes: [at(), u64(A.inode, 300)] }];
  for (let count = random.between(0, 24); count > 0; count -= 1)
    fillers.push(filler(version, random));
  let place = Math.min(1, commands.length);
  for (const command of fillers) {
    commands.splice(place, 0, command);
    place = random.between(place + 1, Math.max(commands.length, place + 2));
  }
}

function filler(version: number, random: Random): Command {
  const offset = u64(A.fileOffset, EXTENT * random.between(0, 16));
  if (version < 2 || random.chance(0.4)) {
    const most = version < 2 ? 0xffff : random.pick([EXTENT, EXTENT, SLOT_BYTES, 2 * SLOT_BYTES]);
    const bytes = data.subarray(0, random.chance(0.1) ? most : random.between(0, most));
    return { number: C.write, attributes: [at(), offset, { type: A.data, value: bytes }] };
  }
  const isSpoilt = random.chance(0.03);
  const value = isSpoilt ? packed.subarray(0, random.between(0, packed.length)) : packed;
  const lengths = [
    u64(A.unencodedFileLength, random.chance(0.9) ? EXTENT : random.between(0, EXTENT)),
    u64(A.unencodedLength, EXTENT),
    u64(A.unencodedOffset, 0),
  ];
  const compression = { type: A.compression, value: Buffer.from([2, 0, 0, 0]) };
  const attributes = [at(), offset, ...lengths, compression, { type: A.data, value }];
  return { number: C.encodedWrite, attributes };
}

function spoil(stream: Buffer, random: Random): void {
  for (let count = random.between(1, 4); count > 0 && stream.length > 0; count -= 1) {
    stream[Math.min(placeIn(stream, random), stream.length - 1)]! ^= 1 << random.between(0, 8);
  }
}

/** Anywhere, or about where a slot ends. */
function placeIn(stream: Buffer, random: Random): number {
  if (random.chance(0.5)) return random.between(0, stream.length + 1);
  const slot = SLOT_BYTES * random.between(1, 2 + Math.floor(stream.length / SLOT_BYTES));
  return Math.max(0, Math.min(stream.length, slot + random.between(-300, 300)));
}

function garbage(random: Random, bases: readonly Buffer[]): Buffer {
  return random.pick([
    () => random.bytes(random.between(1, 40)),
    () => random.bytes(random.between(1, 2 * SLOT_BYTES)),
    () => Buffer.alloc(random.between(1, 3 * SLOT_BYTES)),
    () => random.pick(bases).subarray(0, random.between(1, 60)),
    () => random.pick(bases).subarray(17),
  ])();
}

function remove(commands: Command[], isGone: (command: Command) => boolean): void {
  for (let i = commands.length - 1; i >= 0; i -= 1) if (isGone(commands[i]!)) commands.splice(i, 1);
}

function at(): Attribute {
  return { type: A.path, value: FILE };
}

function u64(type: number, value: number): Attribute {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt(value));
  return { type, value: out };
}
